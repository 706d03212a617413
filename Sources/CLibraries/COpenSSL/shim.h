#pragma once
// SHA256_Init and its siblings are marked as deprecated, yet they take 70 ns for a token where EVP_Digest with a
// fetched algorithm takes 177 ns and allocates (OpenSSL 3.0). Engines are the other such calls in use:
// where a distribution has no provider for PKCS #11 tokens, it has an engine.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Macros that Swift cannot read or call.

/// No renegotiation, no compression, the server's order of ciphers unless the client would rather do without AES.
static const uint64_t martlet_ssl_options =
    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA;

/// Calls `choose` when a client has said which host it wants; `argument` is handed on.
static inline void martlet_ssl_choose_by_name(
    SSL_CTX *context, int (*choose)(SSL *session, int *alert, void *argument), void *argument
) {
    SSL_CTX_set_tlsext_servername_callback(context, choose);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}

/// Whether an error says that the library lacks an algorithm.
static inline int martlet_is_unsupported(unsigned long code) {
    return ERR_GET_REASON(code) == ERR_R_UNSUPPORTED;
}

static inline int martlet_ssl_add_chain(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

