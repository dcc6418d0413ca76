#pragma once

namespace sidecar::test {

/// How many allocations of this thread by operator new fail from now on, once `spared` more have succeeded.
extern thread_local int failures;
extern thread_local int spared;

}  // namespace sidecar::test
