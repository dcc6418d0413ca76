#include "support/cluster.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

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

/// The cluster's version that the document shows, as far as it is a document.
std::string shown_version(const pod& document) {
  const auto pointer = nlohmann::json_pointer<std::string>{"/metadata/resourceVersion"};
  const pod::json& json = document.document();
  return json.contains(pointer) && json.at(pointer).is_string() ? json.at(pointer).get<std::string>() : std::string{};
}

std::uint64_t to_version(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

std::string uid_of(const pod& document) {
  const auto pointer = nlohmann::json_pointer<std::string>{"/metadata/uid"};
  const pod::json& json = document.document();
  return json.contains(pointer) ? json.at(pointer).dump() : std::string{};
}

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

void cluster::store(key where, pod document) {
  if (const auto old = pods_.find(where); old != pods_.end() && uid_of(old->second.document) != uid_of(document)) {
    delete_pod(where.first, where.second);
  }
  document.set_resource_version(++version_);
  auto body = std::make_shared<const std::string>(document.text());
  keep(where, std::move(document), std::move(body));
}

void cluster::keep(const key& where, pod document, std::shared_ptr<const std::string> body) {
  std::shared_ptr<const pod_state>& state = states_[where];
  pod_change change{version_, make_event(event_line(state ? "MODIFIED" : "ADDED", *body)), state};
  state = change.after = state_of(where, document, std::move(body));
  std::string shown = shown_version(document);
  pods_.insert_or_assign(where, entry{std::move(document), version_, std::move(shown)});
  record(std::move(change));
}

void cluster::record(pod_change change) {
  history_.add(change);
  changes_.push_back(std::move(change));
}

void cluster::put_pod(pod document) {
  key where{document.name_space(), document.name()};
  store(std::move(where), std::move(document));
}

void cluster::put_document(const std::string& name_space, const std::string& name, std::string bytes) {
  pod::json parsed = pod::json::parse(bytes, nullptr, false);
  if (!parsed.is_object()) parsed = pod::json::object();
  pod document{std::move(parsed)};
  version_ = std::max(version_ + 1, to_version(shown_version(document)));
  keep({name_space, name}, std::move(document), std::make_shared<const std::string>(std::move(bytes)));
}

void cluster::update_pod(const std::string& name_space, const std::string& name,
                         const std::function<void(pod&)>& change) {
  pod document = pods_.at({name_space, name}).document;
  change(document);
  store({name_space, name}, std::move(document));
}

// The deletion has a version of its own, and the last that is seen of the pod says it.
bool cluster::delete_pod(const std::string& name_space, const std::string& name) {
  const auto found = states_.find({name_space, name});
  if (found == states_.end()) return false;
  const std::shared_ptr<const pod_state> last = found->second;
  states_.erase(found);
  pods_.erase({name_space, name});
  ++version_;
  record({version_, make_event(event_line("DELETED", with_version(*last->body, version_))), last});
  return true;
}

void cluster::forget_history() {
  history_.forget(version_);
  lists_.forget();
}

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

bool cluster::may(const std::string& user, const std::string& verb, const std::string& name_space,
                  const std::string& resource, const std::string& name) const {
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
  if (request.method != "GET" || kind_of(wanted) == asked_for::anything) {
    // Allowed, but the stand-in only shows pods. The real server would do it.
    return {
        make_status(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", "{}"),
        std::nullopt};
  }
  if (wanted.verb == "watch") {
    watch_query query = parse_watch(request, wanted.name_space);
    if (query.request) return {make_stream(), std::move(query.request)};
    return {query.bad_version.empty() ? make_bad_request(query.bad_request) : make_not_a_version(query.bad_version),
            std::nullopt};
  }
  if (wanted.verb == "list") {
    const list_query query = parse_list(request, wanted.name_space);
    return {query.refusal ? *query.refusal : lists_.respond(*query.request, states_, version_), std::nullopt};
  }
  const auto found = states_.find({wanted.name_space, wanted.name});
  if (found == states_.end()) return {make_not_found(wanted.name), std::nullopt};
  answer pod_found;
  pod_found.body = found->second->body;
  return {std::move(pod_found), std::nullopt};
}

cluster::watch_start cluster::start(const watch_request& wanted) const {
  watch_start result;
  result.oldest = history_.oldest();
  result.since = std::max(version_, wanted.since.value_or(0));
  if (!wanted.since) {
    for (const auto& [where, state] : states_) {
      if (wanted.selection.takes(state)) result.events.push_back(make_event(event_line("ADDED", *state->body)));
    }
    if (!wanted.bookmarks) return result;
    result.events.push_back(make_event(bookmark_line(version_, true)));
    return result;
  }
  // A document by hand may show any version: who asks from that one has seen it.
  const auto named = pods_.find({wanted.selection.name_space, wanted.selection.name});
  const bool seen = named != pods_.end() && named->second.shown_version == std::to_string(*wanted.since);
  const std::uint64_t since = seen ? named->second.version : *wanted.since;
  result.too_late = !history_.reaches(since);
  if (result.too_late) return result;
  for (const pod_change& change : history_.after(since)) {
    if (auto event = event_for(wanted.selection, change)) result.events.push_back(*std::move(event));
  }
  return result;
}

}  // namespace sidecar::test
