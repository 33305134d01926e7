import SigV4
import Testing
