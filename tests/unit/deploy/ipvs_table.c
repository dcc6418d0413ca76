/* Stands in for the kernel's IPVS table, which a test machine's kernel may lack: preloaded into keepalived it takes
 * what keepalived would set in the kernel, and says on stderr what became of each server's weight. keepalived uses
 * these socket options where the kernel has no netlink family "IPVS". */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int is_ipvs(int level, int option) {
  return level == IPPROTO_IP && option >= IP_VS_BASE_CTL && option <= IP_VS_SO_SET_MAX;
}

int getsockopt(int handle, int level, int option, void* value, socklen_t* size) {
  if (is_ipvs(level, option)) {
    memset(value, 0, *size);
    return 0;
  }
  int (*real)(int, int, int, void*, socklen_t*) = dlsym(RTLD_NEXT, "getsockopt");
  return real(handle, level, option, value, size);
}

int setsockopt(int handle, int level, int option, const void* value, socklen_t size) {
  if (is_ipvs(level, option)) {
    struct {
      struct ip_vs_service_user service;
      struct ip_vs_dest_user server;
    } set;
    const char* verb = option == IP_VS_SO_SET_ADDDEST    ? "add"
                       : option == IP_VS_SO_SET_EDITDEST ? "edit"
                       : option == IP_VS_SO_SET_DELDEST  ? "delete"
                                                         : NULL;
    if (verb && size == sizeof set) {
      memcpy(&set, value, sizeof set);
      struct in_addr address = {set.server.addr};
      fprintf(stderr, "ipvs: %s %s:%d weight %d\n", verb, inet_ntoa(address), ntohs(set.server.port),
              set.server.weight);
    }
    return 0;
  }
  int (*real)(int, int, int, const void*, socklen_t) = dlsym(RTLD_NEXT, "setsockopt");
  return real(handle, level, option, value, size);
}
