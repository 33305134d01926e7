private import CMachine

/// What this process frees goes back to the system from now on; to be called before there are threads.
///
/// Otherwise glibc keeps more of it with each large block that it sees: a seventh of what a report of
/// many rows takes would be nobody's.
package func returnFreedMemory() { lf_return_freed_memory() }
