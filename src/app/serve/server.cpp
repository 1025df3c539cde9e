// SPDX-License-Identifier: MIT
#include "app/serve/server.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>

#include "app/serve/api.h"
#include "app/serve/embedded_page.h"
#include "app/serve/example_song.h"
#include "base/core/output_file.h"

namespace pop2piano {
std::string_view example_song_ogg();  // pop2piano_embed()
}

namespace pop2piano::serve {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes kRetentionPause{10};

bool is_loopback(const std::string& host) { return host == "127.0.0.1" || host == "::1" || host == "localhost"; }

void check(const ServeOptions& o) {
  if (o.certificate.empty() != o.private_key.empty()) {
    throw Error(ErrorCode::invalid_argument, "--tls: expected a certificate and its key");
  }
  if (!is_loopback(o.host) && o.token.empty() && o.certificate.empty()) {
    throw Error(
        ErrorCode::invalid_argument,
        "--host " + o.host + ": others could use this server; add --token TEXT that they must know, or --tls CERT KEY");
  }
}

std::string address_of(const ServeOptions& o, int port) {
  const std::string host = o.host == "0.0.0.0" ? "127.0.0.1" : o.host == "::1" || o.host == "::" ? "[::1]" : o.host;
  return fmt::format("http{}://{}:{}/{}", o.certificate.empty() ? "" : "s", host, port,
                     o.token.empty() ? "" : "?token=" + o.token);
}

// Again and again: songs that are too old or too many.
void keep_house(HttpServer& server, Store& store, Desk& desk, const ServeOptions& o) {
  if (o.keep_days == 0 && o.keep_gigabytes == 0) return;
  const auto bytes = static_cast<std::uint64_t>(o.keep_gigabytes * 1e9);
  for (const std::string& song : store.outdated(o.keep_days, bytes)) desk.delete_song(song);
  server.after(kRetentionPause, [&server, &store, &desk, &o] { keep_house(server, store, desk, o); });
}

}  // namespace

std::string_view example_song() { return example_song_ogg(); }

void write_example(const fs::path& target) { write_file(target, example_song()); }

fs::path default_data_folder() {
  const char *data = std::getenv("XDG_DATA_HOME"), *home = std::getenv("HOME");
  if (data != nullptr && *data == '/') return fs::path(data) / "pop2piano/serve";
  return fs::path(home == nullptr ? "." : home) / ".local/share/pop2piano/serve";
}

void serve(const ServeOptions& options, const std::function<void(const std::string&)>& ready,
           const std::function<void(const std::string&)>& log) {
  check(options);
  std::signal(SIGPIPE, SIG_IGN);
  Store store(options.data.empty() ? default_data_folder() : options.data);
  store.requeue_running();
  PageFiles pages(options.web);
  Api api(options, store, pages, Gate(is_loopback(options.host), !options.certificate.empty(), options.token), log);
  HttpServer server({.host = options.host == "localhost" ? "127.0.0.1" : options.host,
                     .port = options.port,
                     .certificate = options.certificate,
                     .private_key = options.private_key},
                    api);
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  Desk desk(store, server,
            {.workers = options.workers > 0 ? options.workers : std::max(1, cores / 4),
             .most_waiting = options.queue,
             .most_of_a_client = std::max<std::int64_t>(1, options.queue / 4),
             .version = options.version});
  api.attach(server, desk);
  server.on_signals([&server] { server.stop(); });
  server.after(std::chrono::milliseconds(0), [&desk] { desk.pump(); });
  keep_house(server, store, desk, options);
  ready(address_of(options, server.port()));
  server.run();
  store.requeue_running();
}

}  // namespace pop2piano::serve
