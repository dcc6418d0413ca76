# arm64 on a machine of another architecture, by Debian's cross compiler and its :arm64 packages
# (scripts/install-dependencies arm64). What the build starts of its own runs under qemu, which needs no binfmt_misc for it.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
# The cross compiler brings a C library of its own, which gets no security updates: libc6-dev:arm64 is to come first.
add_link_options(-B/usr/lib/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
# A pkg-config of the building machine would name that machine's OpenSSL.
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig)
if(NOT CMAKE_HOST_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)
endif()
