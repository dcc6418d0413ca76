#include "manual.hpp"

namespace sidecar::manual {
namespace {

/// For single quotes of a shell.
std::string quoted(std::string_view text) {
  std::string out{"'"};
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + '\'';
}

/// Flags as bash offers them: with "=" where a value follows.
std::string offered(const command& one) {
  std::string out;
  for (const auto& flag : one.flags) {
    out.append(out.empty() ? "" : " ").append(flag.name).append(flag.value.empty() ? "" : "=");
  }
  return out;
}

/// In zsh's _arguments brackets and colons end a description.
std::string zsh_description(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const flag& one) {
  if (one.value == "PATH") return "_files";
  return one.words.empty() ? " " : '(' + std::string{one.words} + ')';
}

}  // namespace

std::string bash_completion() {
  std::string out = R"(# bash completion for http-healthcheck-sidecar
_http_healthcheck_sidecar() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} flags
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  case $previous in
)";
  std::string files;
  const auto all = commands();
  for (const auto& one : all) {
    for (const auto& flag : one.flags) {
      const bool is_known = ("|" + files + "|").find("|" + flag.name + "|") != std::string::npos;
      if (flag.value == "PATH" && !is_known) files.append(files.empty() ? "" : "|").append(flag.name);
    }
  }
  out.append("    ").append(files).append(R"()
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
)");
  for (const auto& flag : all.front().flags) {
    if (flag.words.empty()) continue;
    out.append("    ").append(flag.name).append(")\n      mapfile -t COMPREPLY < <(compgen -W ");
    out.append(quoted(flag.words)).append(" -- \"$current\")\n      return\n      ;;\n");
  }
  out.append("  esac\n  case ${COMP_WORDS[1]} in\n");
  std::string names;
  for (const auto& one : all) {
    names.append(names.empty() ? "" : " ").append(one.name);
    if (one.name == "serve") continue;
    out.append("    ").append(one.name).append(") flags=").append(quoted(offered(one))).append(" ;;\n");
  }
  out.append("    *) flags=").append(quoted(offered(all.front()))).append(" ;;\n  esac\n");
  out.append("  ((COMP_CWORD > 1)) || flags+=").append(quoted(" " + names)).append(R"(
  mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
  [[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace
}
complete -F _http_healthcheck_sidecar http-healthcheck-sidecar
)");
  return out;
}

std::string zsh_completion() {
  std::string out = "#compdef http-healthcheck-sidecar\n\nlocal -a flags\ncase $words[2] in\n";
  const auto append = [&out](const command& one, std::string_view pattern) {
    out.append("  ").append(pattern).append(")\n    flags=(\n");
    for (const auto& flag : one.flags) {
      std::string spec = flag.name + (flag.value.empty() ? "" : "=") + '[' + zsh_description(flag.help) + ']';
      if (!flag.value.empty())
        spec.append(":").append(zsh_description(flag.value)).append(":").append(zsh_action(flag));
      out.append("      ").append(quoted(flag.name == "--header" ? "*" + spec : spec)).append("\n");
    }
    out.append("    )\n    ;;\n");
  };
  std::string names;
  for (const auto& one : commands()) {
    names.append(names.empty() ? "" : " ").append(quoted(std::string{one.name} + ":" + zsh_description(one.help)));
    if (one.name != "serve") append(one, one.name);
  }
  append(commands().front(), "*");
  out.append("esac\nif ((CURRENT == 2)) && [[ $PREFIX != -* ]]; then\n  local -a commands=(").append(names);
  out.append(")\n  _describe command commands\nelse\n  _arguments '1: :' '2: :' $flags\nfi\n");
  return out;
}

std::string fish_completion() {
  std::string out = "# fish completion for http-healthcheck-sidecar\n";
  const std::string start = "complete -c http-healthcheck-sidecar";
  out.append(start).append(" -f\n");
  for (const auto& one : commands()) {
    out.append(start).append(" -n __fish_use_subcommand -a ").append(one.name).append(" -d ").append(quoted(one.help));
    out.append("\n");
    // Flags alone are those of serve.
    const std::string condition = one.name == "serve" ? "not __fish_seen_subcommand_from probe doctor"
                                                      : "__fish_seen_subcommand_from " + std::string{one.name};
    for (const auto& flag : one.flags) {
      out.append(start).append(" -n ").append(quoted(condition)).append(" -l ").append(flag.name.substr(2));
      if (!flag.value.empty()) out.append(flag.value == "PATH" ? " -r -F" : " -x");
      if (!flag.words.empty()) out.append(" -a ").append(quoted(flag.words));
      out.append(" -d ").append(quoted(flag.help)).append("\n");
    }
  }
  return out;
}

}  // namespace sidecar::manual
