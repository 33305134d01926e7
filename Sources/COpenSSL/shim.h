// OpenSSL's digests: SHA-256 and what is made of it.

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
