// A stand-in for kube-apiserver with a pod or some, for trying the sidecar by hand, for its benchmarks and its tests.

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/api_server.hpp"
#include "support/control.hpp"
#include "support/service_account_files.hpp"
#include "support/use_result.hpp"

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace test = sidecar::test;
using asio::ip::tcp;
using test::use_result;

struct settings {
  std::string listen = "127.0.0.1:0";
  std::string control = "127.0.0.1:0";
  std::string directory;
  std::string pod = "game-0";
  std::string name_space = "demo";
  std::vector<std::string> containers = {"game", "health"};
  std::string service_time = "0us";
  std::string service_work = "0us";
  std::size_t pods = 1;
  std::size_t remember = 1000;
};

tcp::endpoint parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) throw std::invalid_argument{"not address:port: " + text};
  std::string address = text.substr(0, colon);
  if (address.size() > 1 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  boost::system::error_code ec;
  const auto parsed = asio::ip::make_address(address, ec);
  const std::string digits = text.substr(colon + 1);
  const bool number =
      !digits.empty() && digits.size() <= 5 && digits.find_first_not_of("0123456789") == std::string::npos;
  if (ec || !number || std::stoul(digits) > 65535) throw std::invalid_argument{"not address:port: " + text};
  return {parsed, static_cast<std::uint16_t>(std::stoul(digits))};
}

asio::awaitable<void> serve_control(tcp::socket socket, test::control& control) {
  boost::beast::flat_buffer buffer{64U << 10U};
  for (bool open = true; open;) {
    http::request_parser<http::empty_body> parser;
    auto [read_error, read_size] = co_await http::async_read(socket, buffer, parser, use_result);
    if (read_error) co_return;
    const auto& request = parser.get();
    const test::control_reply reply = control.handle({request.method_string().data(), request.method_string().size()},
                                                     {request.target().data(), request.target().size()});
    http::response<http::string_body> response{static_cast<http::status>(reply.status), request.version()};
    response.set(http::field::content_type, "text/plain; charset=utf-8");
    response.keep_alive(request.keep_alive());
    response.body() = reply.body;
    response.prepare_payload();
    open = request.keep_alive();
    auto [write_error, write_size] = co_await http::async_write(socket, response, use_result);
    if (write_error) co_return;
  }
}

void report(std::exception_ptr error) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& what) {
    std::cerr << "control: " << what.what() << '\n';
  }
}

asio::awaitable<void> listen_control(tcp::acceptor& acceptor, test::control& control) {
  for (;;) {
    auto [ec, socket] = co_await acceptor.async_accept(use_result);
    if (ec) co_return;
    asio::co_spawn(acceptor.get_executor(), serve_control(std::move(socket), control), report);
  }
}

test::pod make_pod(const settings& wanted, const std::string& name) {
  test::pod_spec spec;
  spec.name = name;
  spec.name_space = wanted.name_space;
  spec.pod_ip = "10.0.0.7";
  spec.containers.clear();
  for (const std::string& container : wanted.containers) spec.containers.push_back({container, ""});
  return test::pod{spec};
}

/// game-0, game-1 and so on, where there is more than one.
std::string numbered(const std::string& name, std::size_t number) {
  const std::size_t digits = name.find_last_not_of("0123456789") + 1;
  return name.substr(0, digits) + std::to_string(number);
}

void write_environment(const std::filesystem::path& directory, const test::api_server& server) {
  std::ofstream file{directory / "sidecar.env"};
  file << "KUBERNETES_SERVICE_HOST=" << server.address() << '\n'
       << "KUBERNETES_SERVICE_PORT=" << server.port() << '\n'
       << "HTTP_HEALTHCHECK_SIDECAR_SERVICE_ACCOUNT_DIR=" << (directory / "serviceaccount").string() << '\n';
  file.close();
  if (!file) throw std::runtime_error{"cannot write " + (directory / "sidecar.env").string()};
}

int run(const settings& wanted) {
  const tcp::endpoint listen = parse_endpoint(wanted.listen);
  const tcp::endpoint control_listen = parse_endpoint(wanted.control);
  const std::filesystem::path directory = std::filesystem::absolute(wanted.directory);

  asio::io_context context{1};
  // Before anything is ready, so that no signal is missed.
  asio::signal_set signals{context, SIGINT, SIGTERM};
  tcp::acceptor acceptor{context, control_listen};

  test::api_server server{{listen.address().to_string(), listen.port(), true, wanted.remember}};
  server.set_service_time(test::parse_duration(wanted.service_time));
  server.set_service_work(test::parse_duration(wanted.service_work));
  server.behave({.bookmarks = std::chrono::seconds{60}});
  const test::pod initial = make_pod(wanted, wanted.pod);
  server.put_pod(initial);
  for (std::size_t i = 1; i < wanted.pods; ++i) server.put_pod(make_pod(wanted, numbered(wanted.pod, i)));
  test::token_claims claims;
  claims.name_space = wanted.name_space;
  claims.pod_name = wanted.pod;
  const std::string token = server.add_token(claims);
  server.allow({wanted.name_space}, test::user_of(claims));
  test::service_account_files files{directory / "serviceaccount", token, server.ca(), wanted.name_space};
  write_environment(directory, server);

  test::control control{server, files, claims, token, initial};
  asio::co_spawn(context, listen_control(acceptor, control), report);
  signals.async_wait([&context](const boost::system::error_code&, int) { context.stop(); });
  const nlohmann::ordered_json ready = {{"address", server.address()},
                                        {"port", server.port()},
                                        {"control", acceptor.local_endpoint().port()},
                                        {"token", token},
                                        {"ca", (files.path() / "ca.crt").string()},
                                        {"directory", directory.string()}};
  std::cout << ready.dump() << std::endl;
  context.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  settings wanted;
  CLI::App app{"A stand-in for the Kubernetes API server, with a pod or some"};
  app.add_option("--listen", wanted.listen, "address:port of the API")->capture_default_str();
  app.add_option("--control", wanted.control, "address:port that curl can steer it by")->capture_default_str();
  app.add_option("--directory", wanted.directory, "where serviceaccount/ and sidecar.env are written")->required();
  app.add_option("--pod", wanted.pod, "the pod's name")->capture_default_str();
  app.add_option("--namespace", wanted.name_space, "the pod's namespace")->capture_default_str();
  app.add_option("--containers", wanted.containers, "the pod's containers")->delimiter(',')->capture_default_str();
  app.add_option("--service-time", wanted.service_time, "every answer waits that long")->capture_default_str();
  app.add_option("--service-work", wanted.service_work, "every answer costs that much processor time")
      ->capture_default_str();
  app.add_option("--pods", wanted.pods, "so many pods, numbered from --pod's on")->capture_default_str();
  app.add_option("--remember", wanted.remember, "how many requests and events GET /requests and /events list")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return run(wanted);
  } catch (const std::exception& error) {
    std::cerr << "apiserver-sim: " << error.what() << '\n';
    return 1;
  }
}
