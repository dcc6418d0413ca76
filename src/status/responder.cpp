#include "sidecar/status/responder.hpp"

#include "sidecar/status/document.hpp"
#include "sidecar/status/exposition.hpp"
#include "sidecar/status/metrics.hpp"
#include "sidecar/status/page.hpp"
#include "sidecar/status/process_usage.hpp"
#include "sidecar/status/route.hpp"

namespace sidecar::status {

response responder::respond(const http::request& query) const {
  switch (route_of(query, {.has_page = settings_.has_page, .hosts = settings_.hosts})) {
    case route::metrics:
      return {.content_type = exposition::content_type,
              .body = render_metrics(source_.collect(), read_process_usage())};
    case route::document:
      return {.content_type = "application/json", .body = render_document(source_.collect())};
    case route::page:
      return {
          .content_type = "text/html; charset=utf-8", .body = std::string{page_html}, .security_policy = page_policy};
    case route::livez:
      return {.body = "alive\n"};
    case route::readyz:
      if (source_.collect().is_ready()) return {.body = "ready\n"};
      return {.status = 503, .body = "not ready: the pod's state has not been read yet\n"};
    case route::method_not_allowed:
      return {.status = 405, .body = "only GET and HEAD are answered here\n"};
    case route::misdirected:
      return {.status = 421,
              .body = "the name in Host is not accepted here: use an address, or add the name to STATUS_HOSTS\n"};
    case route::not_found:
      break;
  }
  return {.status = 404,
          .body = settings_.has_page ? "here are /, /status, /metrics, /livez and /readyz\n"
                                     : "here are /metrics, /livez and /readyz\n"};
}

}  // namespace sidecar::status
