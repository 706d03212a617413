#pragma once
#include <ldap.h>
#include <openldap.h>
#include <string.h>

// Macros that Swift cannot read.

static inline int martlet_ldap_set_flag(LDAP *ld, int option, int is_on) {
    return ldap_set_option(ld, option, is_on ? LDAP_OPT_ON : LDAP_OPT_OFF);
}

/// The longest message that is read, in bytes: a directory that goes mad must not fill the memory.
static inline int martlet_ldap_limit_messages(LDAP *ld, ber_len_t limit) {
    Sockbuf *buffer = 0;
    if (ldap_get_option(ld, LDAP_OPT_SOCKBUF, &buffer) != LDAP_OPT_SUCCESS || !buffer) return 0;
    return ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &limit) >= 0;
}

/// What a message that has come is: an entry, a reference elsewhere, the end of a search, or another.
enum { MARTLET_LDAP_ENTRY = 1, MARTLET_LDAP_REFERENCE = 2, MARTLET_LDAP_END = 3, MARTLET_LDAP_OTHER = 4 };

static inline int martlet_ldap_kind(LDAPMessage *message) {
    switch (ldap_msgtype(message)) {
    case LDAP_RES_SEARCH_ENTRY: return MARTLET_LDAP_ENTRY;
    case LDAP_RES_SEARCH_REFERENCE: return MARTLET_LDAP_REFERENCE;
    case LDAP_RES_SEARCH_RESULT: return MARTLET_LDAP_END;
    default: return MARTLET_LDAP_OTHER;
    }
}

/// RFC 8996: nothing older than TLS 1.2. Built with GnuTLS, as on Debian, the library ignores the option for that.
static inline int martlet_ldap_refuse_old_tls(LDAP *ld) {
    char *package = 0;
    if (ldap_get_option(ld, LDAP_OPT_X_TLS_PACKAGE, &package) != LDAP_OPT_SUCCESS || !package) return -1;
    int is_gnu = strcmp(package, "GnuTLS") == 0;
    ldap_memfree(package);
    if (is_gnu)
        return ldap_set_option(ld, LDAP_OPT_X_TLS_CIPHER_SUITE, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2");
    int least = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
    return ldap_set_option(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &least);
}
