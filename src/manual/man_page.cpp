#include "manual.hpp"
#include "sidecar/base/version.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/probe/probe_arguments.hpp"

namespace sidecar::manual {
namespace {

/// man(7): a hyphen that is typed is a minus sign, and no line of text begins with a control character.
std::string escaped(std::string_view text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out += "\\&";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else {
      out += c;
    }
  }
  return out;
}

void append_flag(std::string& page, std::string_view name, std::string_view value, std::string_view default_value) {
  page.append(".TP\n\\fB").append(escaped(name)).append("\\fR");
  if (!value.empty()) page.append("=\\fI").append(escaped(value)).append("\\fR");
  if (!default_value.empty()) page.append(" (default \\fB").append(escaped(default_value)).append("\\fR)");
  page.append("\n");
}

void append_options(std::string& page) {
  std::string_view group;
  for (const auto& one : config::options()) {
    if (one.group != group) page.append(".SS ").append(escaped(one.group)).append("\n");
    group = one.group;
    append_flag(page, config::flag_name(one.name), one.value, one.default_value);
    page.append(escaped(one.help)).append("\n.br\n").append(escaped(config::variable_name(one.name))).append("\n");
  }
}

constexpr std::string_view synopsis = R"(.SH NAME
http\-healthcheck\-sidecar \- answer health checks from the readiness of a Kubernetes pod
.SH SYNOPSIS
\fBhttp\-healthcheck\-sidecar\fR [\fBserve\fR] [\fI\-\-NAME=VALUE\fR]...
.br
\fBhttp\-healthcheck\-sidecar probe\fR [\fIURL\fR | \fI/PATH\fR] [\fI\-\-NAME=VALUE\fR]...
.br
\fBhttp\-healthcheck\-sidecar doctor\fR [\fB\-\-json\fR] [\fI\-\-NAME=VALUE\fR]...
.SH DESCRIPTION
\fBserve\fR, the default, answers a load balancer's health checks over HTTP: 200 if the pod is ready, as the Kubernetes
API server reports it, else 500.
\fBprobe\fR queries such a port once.
\fBdoctor\fR examines what serve depends on, with the options of serve, and says what to do.
.PP
Every option of serve is a flag and an environment variable.
The flag wins, and of a repeated flag the last.
An empty variable counts as unset; an empty flag sets the default.
A DURATION has a unit: 30s, 900ms, 2m, 1h.
.SH OPTIONS OF SERVE AND DOCTOR
)";

constexpr std::string_view probe_start = R"(.SH OPTIONS OF PROBE
Without a URL it asks the sidecar of the same environment (its LISTEN and TLS_CERT) for /healthz or /PATH.
Only the status 200 is up; redirects are not followed.
)";

constexpr std::string_view page_end = R"(.SH EXIT STATUS
Of serve:
.TP
0
drained after SIGTERM
.TP
1
could not run, or an internal error
.TP
2
the configuration has errors
.TP
130, 143
stopped at once by SIGINT or a second SIGTERM
.TP
134
out of memory
.PP
Of probe: 0 up, the value of \fB\-\-drain\-exit\fR for a drain, 1 everything else, wrong usage and \fB\-\-help\fR included.
.PP
Of doctor: 0, 1 with a failure, or 2 with errors in the options.
.SH EXAMPLES
.nf
http\-healthcheck\-sidecar \-\-target\-container=game \-\-stale\-grace=0
http\-healthcheck\-sidecar probe http://node\-a:31313/healthz \-\-drain\-exit=2
.fi
)";

}  // namespace

std::string man_page() {
  std::string page{".TH HTTP\\-HEALTHCHECK\\-SIDECAR 8 \"\" \""};
  page.append(escaped(version)).append("\"\n").append(synopsis);
  append_options(page);
  page.append(".SS Actions\n");
  for (const auto& one : commands()) {
    for (const auto& flag : one.flags) {
      const bool is_action = flag.value.empty() && (one.name == "serve" || flag.name == "--json");
      if (!is_action) continue;
      append_flag(page, flag.name, "", "");
      page.append(escaped(flag.help)).append(flag.name == "--json" ? " (doctor)\n" : "\n");
    }
  }
  page.append(probe_start);
  for (const auto& one : probe::probe_options()) {
    append_flag(page, one.flag, one.value, one.default_value);
    page.append(escaped(one.help)).append("\n");
  }
  return page.append(page_end);
}

}  // namespace sidecar::manual
