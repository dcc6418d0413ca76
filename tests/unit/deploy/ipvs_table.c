/* Stands in for the kernel's IPVS table, which a test machine's kernel may lack: preloaded into keepalived it takes the
 * netlink messages that are for it, and says on stderr what becomes of each server's weight. */
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct nl_sock;
struct nl_msg;
struct nlmsghdr* nlmsg_hdr(struct nl_msg* message); /* libnl's, which keepalived has loaded */

enum { FAMILY = 0x7f01 };

/* The attribute of this type among those from `begin` to `end`, or NULL. */
static const struct nlattr* attribute(const char* begin, const char* end, int type) {
  while (begin + NLA_HDRLEN <= end) {
    const struct nlattr* here = (const struct nlattr*)begin;
    if ((here->nla_type & NLA_TYPE_MASK) == type) return here;
    begin += NLA_ALIGN(here->nla_len);
  }
  return NULL;
}

static void tell(const char* verb, const struct nlmsghdr* message) {
  const char* end = (const char*)message + message->nlmsg_len;
  const char* begin = (const char*)message + NLMSG_HDRLEN + GENL_HDRLEN;
  const struct nlattr* server = attribute(begin, end, IPVS_CMD_ATTR_DEST);
  const char* inside = (const char*)server + NLA_HDRLEN;
  end = (const char*)server + server->nla_len;
  struct in_addr address;
  unsigned short port;
  unsigned weight;
  memcpy(&address, (const char*)attribute(inside, end, IPVS_DEST_ATTR_ADDR) + NLA_HDRLEN, sizeof address);
  memcpy(&port, (const char*)attribute(inside, end, IPVS_DEST_ATTR_PORT) + NLA_HDRLEN, sizeof port);
  memcpy(&weight, (const char*)attribute(inside, end, IPVS_DEST_ATTR_WEIGHT) + NLA_HDRLEN, sizeof weight);
  fprintf(stderr, "ipvs: %s %s:%d weight %u\n", verb, inet_ntoa(address), ntohs(port), weight);
}

int genl_ctrl_resolve(struct nl_sock* socket, const char* name) {
  (void)socket;
  return strcmp(name, IPVS_GENL_NAME) == 0 ? FAMILY : -1;
}

int nl_send_auto(struct nl_sock* socket, struct nl_msg* message) {
  (void)socket;
  const struct nlmsghdr* header = nlmsg_hdr(message);
  switch (((const struct genlmsghdr*)NLMSG_DATA(header))->cmd) {
    case IPVS_CMD_NEW_DEST:
      tell("add", header);
      break;
    case IPVS_CMD_SET_DEST:
      tell("edit", header);
      break;
    case IPVS_CMD_DEL_DEST:
      tell("delete", header);
      break;
  }
  return (int)header->nlmsg_len;
}

/* As the kernel does, each message is acknowledged: by the callback that keepalived has set for that. */
typedef int (*callback)(struct nl_msg*, void*);
enum { ACKNOWLEDGED = 4 }; /* NL_CB_ACK, of libnl's headers */
static callback acknowledge;
static void* acknowledged;

int nl_socket_modify_cb(struct nl_sock* socket, int type, int kind, callback function, void* argument) {
  (void)socket;
  (void)kind;
  if (type == ACKNOWLEDGED) {
    acknowledge = function;
    acknowledged = argument;
  }
  return 0;
}

int nl_recvmsgs_default(struct nl_sock* socket) {
  (void)socket;
  if (acknowledge) acknowledge(NULL, acknowledged);
  return 0;
}
