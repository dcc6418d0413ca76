#include "sidecar/status/responder.hpp"

#include <algorithm>
#include <array>

#include "sidecar/status/document.hpp"
#include "sidecar/status/exposition.hpp"
#include "sidecar/status/host_rule.hpp"
#include "sidecar/status/metrics.hpp"
#include "sidecar/status/page.hpp"
#include "sidecar/status/process_usage.hpp"

namespace sidecar::status {
namespace {

response answer_metrics(const fact_source& source) {
  return {.content_type = exposition::content_type, .body = render_metrics(source.collect(), read_process_usage())};
}

response answer_livez(const fact_source&) { return {.body = "alive\n"}; }

response answer_readyz(const fact_source& source) {
  if (source.collect().is_ready()) return {.body = "ready\n"};
  return {.status = 503, .body = "not ready: the pod's state has not been read yet\n"};
}

response answer_document(const fact_source& source) {
  return {.content_type = "application/json", .body = render_document(source.collect())};
}

response answer_page(const fact_source&) {
  return {.content_type = "text/html; charset=utf-8", .body = std::string{page_html}, .security_policy = page_policy};
}

struct resource {
  std::string_view path;
  bool is_page;  ///< off with STATUS_PAGE=false
  response (*answer)(const fact_source& source);
};

constexpr std::array resources{
    resource{"/metrics", false, answer_metrics},
    resource{"/livez", false, answer_livez},
    resource{"/readyz", false, answer_readyz},
    resource{"/status", true, answer_document},
    resource{"/", true, answer_page},
};

}  // namespace

response responder::respond(const http::request& query) const {
  if (!is_our_host(query.host, settings_.hosts)) {
    return {.status = 421,
            .body = "the name in Host is not accepted here: use an address, or add the name to STATUS_HOSTS\n"};
  }
  const auto path = query.target.substr(0, query.target.find('?'));
  const auto found = std::ranges::find(resources, path, &resource::path);
  if (found == resources.end() || (found->is_page && !settings_.has_page)) {
    return {.status = 404,
            .body = settings_.has_page ? "here are /, /status, /metrics, /livez and /readyz\n"
                                       : "here are /metrics, /livez and /readyz\n"};
  }
  const bool is_allowed = query.method == http::method::get || query.method == http::method::head;
  if (!is_allowed) return {.status = 405, .body = "only GET and HEAD are answered here\n"};
  return found->answer(source_);
}

}  // namespace sidecar::status
