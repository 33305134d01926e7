import CurlHTTP
import Testing
