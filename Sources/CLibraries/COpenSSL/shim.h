#pragma once
// SHA256_Init and its siblings are marked as deprecated, yet they take 70 ns for a token where EVP_Digest with a
// fetched algorithm takes 177 ns and allocates (OpenSSL 3.0). They are the only such calls in use.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
