// What the stand-in's cluster says, and to whom.

#include "support/cluster.hpp"

#include <optional>

namespace sidecar::test {
namespace {

using nlohmann::ordered_json;

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string to_text(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

answer make_forbidden(const std::string& user, const resource_request& path) {
  const std::string subject = path.name.empty() ? path.kind : path.kind + " " + quoted(path.name);
  const std::string scope =
      path.name_space.empty() ? std::string{"at the cluster scope"} : "in the namespace " + quoted(path.name_space);
  ordered_json details = ordered_json::object();
  if (!path.name.empty()) details["name"] = path.name;
  details["kind"] = path.kind;
  answer result = make_status(403, "Forbidden",
                              subject + " is forbidden: User " + quoted(user) + " cannot " + path.verb + " resource " +
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

answer make_stream() {
  answer result;
  result.body = std::make_shared<const std::string>();
  return result;
}

answer make_bad_request(const std::string& message) { return make_status(400, "BadRequest", message); }

bool is_in(const access_rule& rule, const std::string& name_space) {
  return rule.name_space.empty() || rule.name_space == name_space;
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

void cluster::accept_token(const std::string& token, const std::string& user) { tokens_.insert_or_assign(token, user); }

bool cluster::revoke_token(const std::string& token) { return tokens_.erase(token) != 0; }

void cluster::allow(const std::string& user, access_rule rule) { rules_[user].push_back(std::move(rule)); }

void cluster::deny(const std::string& user) { rules_.erase(user); }

void cluster::grant(const std::string& user, const std::string& verb, bool allowed) {
  const auto found = rules_.find(user);
  if (found == rules_.end()) return;
  for (access_rule& rule : found->second) {
    rule.verbs.erase(verb);
    if (allowed) rule.verbs.insert(verb);
  }
}

void cluster::allow_nodes(const std::string& user, std::set<std::string> verbs) {
  node_verbs_.insert_or_assign(user, std::move(verbs));
}

std::set<std::string> cluster::node_verbs(const std::string& user) const {
  const auto said = node_verbs_.find(user);
  if (said != node_verbs_.end()) return said->second;
  return rules_.contains(user) ? access_rule{}.verbs : std::set<std::string>{};
}

bool cluster::may(const std::string& user, const std::string& verb, const std::string& name_space,
                  const std::string& resource, const std::string& name) const {
  if (resource == "nodes" && name_space.empty() && node_verbs(user).contains(verb)) return true;
  const auto found = rules_.find(user);
  if (found == rules_.end()) return false;
  for (const access_rule& rule : found->second) {
    if (is_in(rule, name_space) && rule.resource == resource && (rule.name.empty() || rule.name == name) &&
        rule.verbs.contains(verb)) {
      return true;
    }
  }
  return false;
}

reviewed_user cluster::reviewed_as(const std::string& user, const std::string& token) const {
  const auto rules_in = [this, user](const std::string& name_space) {
    std::vector<shown_rule> shown;
    if (const auto verbs = node_verbs(user); !verbs.empty()) {
      shown.push_back({{verbs.begin(), verbs.end()}, "nodes", {}});
    }
    const auto found = rules_.find(user);
    if (found == rules_.end()) return shown;
    for (const access_rule& rule : found->second) {
      if (is_in(rule, name_space)) {
        shown.push_back({{rule.verbs.begin(), rule.verbs.end()}, rule.resource, rule.name});
      }
    }
    return shown;
  };
  const auto may_do = [this, user](const std::string& verb, const std::string& name_space, const std::string& resource,
                                   const std::string& name) { return may(user, verb, name_space, resource, name); };
  return {user, token, may_do, rules_in};
}

cluster::response cluster::respond(const http_request& request, bool rights) {
  std::string user = "system:anonymous";
  std::string known_token;
  flow from = flow::anonymous;
  if (const auto token = bearer_token(request)) {
    const auto found = tokens_.find(*token);
    if (found == tokens_.end()) return {make_unauthorized(), std::nullopt};
    user = found->second;
    known_token = found->first;
    from = flow::service_account;
  }

  const std::string path = decoded_path(request.target);
  const auto wanted = parse_resource(request);
  response result;
  if (is_public(path)) {
    result.reply.content_type = "text/plain; charset=utf-8";
    result.reply.nosniff = true;
    result.reply.body = std::make_shared<const std::string>("ok");
  } else if (auto reviewed =
                 known_token.empty() ? std::nullopt : review(request, path, reviewed_as(user, known_token))) {
    result.reply = std::move(*reviewed);
  } else if (!wanted) {
    std::string verb{request.method};
    for (char& c : verb) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    result.reply = make_path_forbidden(user, verb, path);
  } else if (!rights || !may(user, wanted->verb, wanted->name_space, wanted->resource, wanted->name)) {
    result.reply = make_forbidden(user, *wanted);
  } else {
    result = show(request, *wanted);
  }
  if (result.watch) return result;
  result.reply.from = from;
  return result;
}

cluster::response cluster::show(const http_request& request, const resource_request& wanted) {
  const auto kind = resource_of(wanted);
  if (request.method != "GET" || !kind) {
    // Allowed, but the stand-in only shows pods and nodes. The real server would do it.
    return {
        make_status(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", "{}"),
        std::nullopt};
  }
  if (wanted.verb == "watch") {
    watch_query query = parse_watch(request, *kind, wanted.name_space);
    if (query.request) return {make_stream(), std::move(query.request)};
    return {query.bad_version.empty() ? make_bad_request(query.bad_request) : make_not_a_version(query.bad_version),
            std::nullopt};
  }
  if (wanted.verb == "list") {
    const list_query query = parse_list(request, *kind, wanted.name_space);
    return {query.refusal ? *query.refusal : lists_.respond(*query.request, states_, version_), std::nullopt};
  }
  const auto found = find(*kind, {wanted.name_space, wanted.name});
  if (!found) return {make_not_found(wanted.name, *kind), std::nullopt};
  answer result;
  result.body = found->body;
  return {std::move(result), std::nullopt};
}

}  // namespace sidecar::test
