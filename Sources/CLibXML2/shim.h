// Debian's libxml2 declares ICU's types in its headers, and Foundation brings an ICU of its own: a
// file that sees both does not compile. We use nothing of it.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/tree.h>
