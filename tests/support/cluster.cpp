#include "support/cluster.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace sidecar::test {
namespace {

using nlohmann::ordered_json;

// apiserver: pkg/endpoints/request/requestinfo.go. A method it does not know is the verb "".
std::string verb_of(std::string_view method, bool has_name) {
  if (method == "GET" || method == "HEAD") return has_name ? "get" : "list";
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return has_name ? "delete" : "deletecollection";
  return "";
}

struct resource_path {
  std::string name_space;
  std::string resource;  ///< with the subresource: pods/log
  std::string kind;      ///< without it
  std::string name;
};

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin < path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end > begin) parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// The path is cut after it was decoded, as the real server does: %2f makes a subresource.
std::optional<resource_path> parse_path(const std::string& path) {
  std::vector<std::string> parts = split(path);
  if (parts.size() < 3 || parts[0] != "api" || parts[1] != "v1") return std::nullopt;
  parts.erase(parts.begin(), parts.begin() + 2);
  resource_path result;
  if (parts[0] == "namespaces" && parts.size() > 2) {
    result.name_space = parts[1];
    parts.erase(parts.begin(), parts.begin() + 2);
  }
  result.kind = result.resource = parts[0];
  if (parts.size() > 1) result.name = parts[1];
  if (parts.size() > 2) result.resource += "/" + parts[2];
  return result;
}

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string to_text(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

answer make_forbidden(const std::string& user, const std::string& verb, const resource_path& path) {
  const std::string subject = path.name.empty() ? path.kind : path.kind + " " + quoted(path.name);
  const std::string scope =
      path.name_space.empty() ? std::string{"at the cluster scope"} : "in the namespace " + quoted(path.name_space);
  ordered_json details = ordered_json::object();
  if (!path.name.empty()) details["name"] = path.name;
  details["kind"] = path.kind;
  answer result = make_status(403, "Forbidden",
                              subject + " is forbidden: User " + quoted(user) + " cannot " + verb + " resource " +
                                  quoted(path.resource) + " in API group \"\" " + scope,
                              to_text(details));
  result.nosniff = true;
  return result;
}

answer make_path_forbidden(const std::string& user, const std::string& verb, const std::string& path) {
  answer result = make_status(403, "Forbidden",
                              "forbidden: User " + quoted(user) + " cannot " + verb + " path " + quoted(path), "{}");
  result.nosniff = true;
  return result;
}

bool is_public(const std::string& path) { return path == "/healthz" || path == "/livez" || path == "/readyz"; }

// apiserver: pkg/endpoints/handlers/responsewriters, isPrettyPrint: people get indented JSON.
bool wants_indented(const http_request& request) {
  const auto agent = request.field("User-Agent");
  return agent && (agent->starts_with("curl") || agent->starts_with("Wget") || agent->starts_with("Mozilla/5.0"));
}

void indent(answer& result) {
  const ordered_json document = ordered_json::parse(*result.body, nullptr, false);
  if (document.is_discarded()) return;
  result.body = std::make_shared<const std::string>(document.dump(2));
}

std::optional<std::string_view> bearer_token(const http_request& request) {
  const auto authorization = request.field("Authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (!authorization || authorization->size() <= scheme.size() ||
      !equal_ignoring_case(authorization->substr(0, scheme.size()), scheme)) {
    return std::nullopt;
  }
  return authorization->substr(scheme.size());
}

}  // namespace

void cluster::store(key where, pod document) {
  document.set_resource_version(++version_);
  auto body = std::make_shared<const std::string>(document.text());
  pods_.insert_or_assign(std::move(where), entry{std::move(document), std::move(body)});
}

void cluster::put_pod(pod document) {
  key where{document.name_space(), document.name()};
  store(std::move(where), std::move(document));
}

void cluster::put_document(const std::string& name_space, const std::string& name, std::string bytes) {
  pod::json document = pod::json::parse(bytes, nullptr, false);
  if (!document.is_object()) document = pod::json::object();
  pods_.insert_or_assign(key{name_space, name},
                         entry{pod{std::move(document)}, std::make_shared<const std::string>(std::move(bytes))});
}

void cluster::update_pod(const std::string& name_space, const std::string& name,
                         const std::function<void(pod&)>& change) {
  pod document = pods_.at({name_space, name}).document;
  change(document);
  store({name_space, name}, std::move(document));
}

bool cluster::delete_pod(const std::string& name_space, const std::string& name) {
  const bool was_there = pods_.erase({name_space, name}) != 0;
  if (was_there) ++version_;
  return was_there;
}

void cluster::accept_token(const std::string& token, const std::string& user) { tokens_.insert_or_assign(token, user); }

bool cluster::revoke_token(const std::string& token) { return tokens_.erase(token) != 0; }

void cluster::allow(const std::string& user, access_rule rule) { rules_[user].push_back(std::move(rule)); }

void cluster::deny(const std::string& user) { rules_.erase(user); }

bool cluster::may(const std::string& user, const std::string& verb, const std::string& name_space,
                  const std::string& resource, const std::string& name) const {
  const auto found = rules_.find(user);
  if (found == rules_.end()) return false;
  for (const access_rule& rule : found->second) {
    if (rule.name_space == name_space && rule.resource == resource && (rule.name.empty() || rule.name == name) &&
        rule.verbs.contains(verb)) {
      return true;
    }
  }
  return false;
}

answer cluster::respond(const http_request& request, bool rights) const {
  std::string user = "system:anonymous";
  flow from = flow::anonymous;
  if (const auto token = bearer_token(request)) {
    const auto found = tokens_.find(*token);
    if (found == tokens_.end()) {
      answer result = make_unauthorized();
      if (wants_indented(request)) indent(result);
      return result;
    }
    user = found->second;
    from = flow::service_account;
  }

  const std::string path = decoded_path(request.target);
  const auto wanted = parse_path(path);
  answer result;
  if (is_public(path)) {
    result.content_type = "text/plain; charset=utf-8";
    result.nosniff = true;
    result.body = std::make_shared<const std::string>("ok");
  } else if (!wanted) {
    std::string verb{request.method};
    for (char& c : verb) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    result = make_path_forbidden(user, verb, path);
  } else if (const std::string verb = verb_of(request.method, !wanted->name.empty());
             !rights || !may(user, verb, wanted->name_space, wanted->resource, wanted->name)) {
    result = make_forbidden(user, verb, *wanted);
  } else if (request.method != "GET" || verb != "get" || wanted->resource != "pods") {
    // Allowed, but the stand-in only shows pods. The real server would do it.
    result =
        make_status(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", "{}");
  } else if (const auto found = pods_.find({wanted->name_space, wanted->name}); found != pods_.end()) {
    result.body = found->second.body;
  } else {
    result = make_not_found(wanted->name);
  }
  result.from = from;
  if (wants_indented(request)) indent(result);
  return result;
}

}  // namespace sidecar::test
