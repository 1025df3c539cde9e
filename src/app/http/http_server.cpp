// SPDX-License-Identifier: MIT
#include "app/http/http_server.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <fstream>
#include <limits>
#include <optional>
#include <set>
#include <utility>  // Asio of Boost 1.74 lacks it

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

namespace pop2piano::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::awaitable;
using asio::use_awaitable;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Piece = std::shared_ptr<const std::string>;

constexpr std::size_t kMostHeader = 16U << 10U;
constexpr std::size_t kPiece = 64U << 10U;          // bytes read or written at once
constexpr std::size_t kMostQueued = 1U << 20U;      // bytes that wait for a slow stream before it is ended
constexpr std::uint64_t kLeastBytesASecond = 1000;  // of a body, after its first minute
constexpr std::chrono::seconds kHeaderTime{15}, kIdleTime{30}, kStreamPause{15};

/// One open stream of events.
struct Stream {
  explicit Stream(const asio::any_io_executor& executor) : wake(executor) {}
  std::deque<Piece> waiting;
  std::size_t bytes = 0;
  bool lost = false;
  asio::steady_timer wake;
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return result;
}

template <typename Message>
RequestHead head_of(const Message& message, const std::string& address) {
  RequestHead head;
  head.method = std::string(message.method_string());
  head.address = address;
  for (const auto& field : message) {
    std::string& value = head.headers[lower({field.name_string().data(), field.name_string().size()})];
    if (!value.empty()) value += ", ";
    value += std::string(field.value());
  }
  const auto target = message.target();
  if (!read_target({target.data(), target.size()}, head)) {
    throw Refusal(400, "invalid", "the address: expected a path without .. and with whole percent codes");
  }
  return head;
}

}  // namespace

struct HttpServer::State {
  State(HttpOptions given, Handler& owner) : options(std::move(given)), handler(owner) {}

  HttpOptions options;
  Handler& handler;
  std::set<std::shared_ptr<Stream>> streams;  // these two outlive the coroutines, which the loop ends with itself
  std::size_t connections = 0;
  asio::io_context loop{1};
  asio::ip::tcp::acceptor acceptor{loop};
  std::optional<asio::ssl::context> tls;
  std::optional<asio::signal_set> signals;

  awaitable<void> accept();
  template <typename Socket>
  awaitable<void> converse(Socket socket, std::string address);
  template <typename Socket>
  awaitable<bool> answer_one(Socket& socket, beast::flat_buffer& buffer, const std::string& address);
  template <typename Socket, typename Parser>
  awaitable<void> read_body(Socket& socket, beast::flat_buffer& buffer, Parser& parser, BodySink& sink);
  template <typename Socket>
  awaitable<void> send(Socket& socket, const RequestHead& head, Answer answer, bool keep);
  template <typename Socket>
  awaitable<void> send_events(Socket& socket);
  awaitable<void> read_rest(beast::tcp_stream& stream);
  awaitable<Answer> handled(const RequestHead& head, std::unique_ptr<BodySink> sink);
  awaitable<void> secure(beast::tcp_stream stream, std::string address);
};

// Runs the handler and waits for its reply, which may come later or at once.
awaitable<Answer> HttpServer::State::handled(const RequestHead& head, std::unique_ptr<BodySink> sink) {
  struct Pending {
    explicit Pending(asio::io_context& loop) : timer(loop, Clock::time_point::max()) {}
    std::optional<Answer> answer;
    asio::steady_timer timer;
  };
  const auto pending = std::make_shared<Pending>(loop);
  std::optional<Answer> refused;
  try {
    handler.handle(head, std::move(sink), [pending](Answer answer) {
      if (pending->answer) return;
      pending->answer = std::move(answer);
      pending->timer.cancel();
    });
  } catch (const Refusal& refusal) {
    refused = problem(refusal.status(), refusal.code(), refusal.what());
  } catch (const std::exception& error) {
    refused = problem(500, "failed", error.what());
  }
  if (refused) co_return std::move(*refused);
  error_code ignored;
  while (!pending->answer) co_await pending->timer.async_wait(asio::redirect_error(use_awaitable, ignored));
  co_return std::move(*pending->answer);
}

template <typename Socket, typename Parser>
awaitable<void> HttpServer::State::read_body(Socket& socket, beast::flat_buffer& buffer, Parser& parser,
                                             BodySink& sink) {
  std::vector<char> piece(kPiece);
  const auto start = Clock::now();
  std::uint64_t received = 0;
  while (!parser.is_done()) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    beast::get_lowest_layer(socket).expires_after(kIdleTime);
    error_code error;
    co_await http::async_read(socket, buffer, parser, asio::redirect_error(use_awaitable, error));
    if (error && error != http::error::need_buffer) throw boost::system::system_error(error);
    const std::size_t count = piece.size() - parser.get().body().size;
    received += count;
    sink.take({piece.data(), count});
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count();
    if (seconds > 60 && received < static_cast<std::uint64_t>(seconds) * kLeastBytesASecond) {
      throw Refusal(408, "invalid", "the body came too slowly: expected at least 1 kB a second");
    }
  }
}

template <typename Socket>
awaitable<void> HttpServer::State::send(Socket& socket, const RequestHead& head, Answer answer, bool keep) {
  handler.finish(head, answer);
  http::response<http::empty_body> response(static_cast<http::status>(answer.status), 11);
  response.reason(std::string(reason_of(answer.status)));
  for (const auto& [name, value] : answer.headers) response.insert(name, value);
  response.keep_alive(keep && !answer.stream);
  const bool bare = head.method == "HEAD" || answer.status == 304 || answer.status == 204;
  const std::uint64_t length = answer.file ? answer.file->count : answer.body.size();
  if (!answer.stream && answer.status != 204 && answer.status != 304) response.content_length(length);
  beast::get_lowest_layer(socket).expires_after(kIdleTime);
  http::response_serializer<http::empty_body> serializer(response);
  co_await http::async_write_header(socket, serializer, use_awaitable);
  if (bare || answer.stream) co_return;
  if (!answer.file) {
    co_await asio::async_write(socket, asio::buffer(answer.body), use_awaitable);
    co_return;
  }
  std::ifstream in(answer.file->file, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(answer.file->first));
  std::vector<char> piece(kPiece);
  for (std::uint64_t left = length; left > 0;) {
    in.read(piece.data(), static_cast<std::streamsize>(std::min<std::uint64_t>(left, piece.size())));
    const auto count = static_cast<std::uint64_t>(in.gcount());
    if (count == 0) throw boost::system::system_error(asio::error::eof);  // shorter than it was: the connection ends
    beast::get_lowest_layer(socket).expires_after(kIdleTime);
    co_await asio::async_write(socket, asio::buffer(piece.data(), count), use_awaitable);
    left -= count;
  }
}

template <typename Socket>
awaitable<void> HttpServer::State::send_events(Socket& socket) {
  const auto stream = std::make_shared<Stream>(loop.get_executor());
  struct Registered {
    std::set<std::shared_ptr<Stream>>& all;
    std::shared_ptr<Stream> stream;
    ~Registered() { all.erase(stream); }
  } registered{streams, stream};
  stream->waiting.push_back(std::make_shared<const std::string>(handler.stream_greeting()));
  streams.insert(stream);
  while (!stream->lost) {
    if (stream->waiting.empty()) {
      error_code woken;
      stream->wake.expires_after(kStreamPause);
      co_await stream->wake.async_wait(asio::redirect_error(use_awaitable, woken));
      if (stream->waiting.empty()) stream->waiting.push_back(std::make_shared<const std::string>(":\n\n"));
    }
    const Piece piece = stream->waiting.front();
    stream->waiting.pop_front();
    stream->bytes -= std::min(stream->bytes, piece->size());
    beast::get_lowest_layer(socket).expires_after(kIdleTime);
    co_await asio::async_write(socket, asio::buffer(*piece), use_awaitable);
  }
}

// Lets the other end read the answer before its unread bytes reset the connection.
awaitable<void> HttpServer::State::read_rest(beast::tcp_stream& stream) {
  constexpr std::size_t kMostRest = 1U << 26U;
  std::vector<char> rest(kPiece);
  error_code error;
  stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
  stream.expires_after(std::chrono::seconds(2));
  for (std::size_t left = kMostRest; left > 0 && !error;) {
    const std::size_t count =
        co_await stream.async_read_some(asio::buffer(rest), asio::redirect_error(use_awaitable, error));
    left -= std::min(left, count);
  }
}

// One request; false: the connection is to end.
template <typename Socket>
awaitable<bool> HttpServer::State::answer_one(Socket& socket, beast::flat_buffer& buffer, const std::string& address) {
  http::request_parser<http::buffer_body> parser;
  parser.header_limit(kMostHeader);
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());  // the sinks have their own
  beast::get_lowest_layer(socket).expires_after(buffer.size() > 0 ? kHeaderTime : 4 * kHeaderTime);
  error_code error;
  co_await http::async_read_header(socket, buffer, parser, asio::redirect_error(use_awaitable, error));
  RequestHead head;
  Answer answer;
  if (error) {
    if (error == http::error::end_of_stream ||
        error.category() != http::make_error_code(http::error::bad_method).category())
      co_return false;
    answer = error == http::error::header_limit
                 ? problem(431, "too_large", "the header is longer than 16 kB")
                 : problem(400, "invalid", "this is no HTTP request: " + error.message());
    co_await send(socket, head, std::move(answer), false);
    co_return false;
  }
  bool keep = parser.get().keep_alive(), whole = false;
  std::optional<Answer> refused;
  std::unique_ptr<BodySink> sink;
  try {
    head = head_of(parser.get(), address);
    head.chunked = parser.chunked();
    if (const auto length = parser.content_length()) head.length = *length;
    sink = handler.begin(head);
    if (lower(head.header("expect")) == "100-continue") {
      http::response<http::empty_body> go_on(http::status::continue_, 11);
      co_await http::async_write(socket, go_on, use_awaitable);
    }
    co_await read_body(socket, buffer, parser, *sink);
    whole = true;
  } catch (const Refusal& refusal) {
    refused = problem(refusal.status(), refusal.code(), refusal.what());
  }
  if (refused) {
    sink.reset();  // what it stored is gone before the answer
    keep = keep && whole;
    answer = std::move(*refused);
  } else {
    beast::get_lowest_layer(socket).expires_never();
    answer = co_await handled(head, std::move(sink));
  }
  if (answer.stream && streams.size() >= options.most_streams) {
    answer = problem(429, "queue_full", "too many streams of events are open; close some tabs");
  }
  keep = keep && !answer.close;
  const bool stream = answer.stream;
  co_await send(socket, head, std::move(answer), keep);
  if (stream) co_await send_events(socket);
  if (!whole && !stream) co_await read_rest(beast::get_lowest_layer(socket));
  co_return keep && !stream;
}

template <typename Socket>
awaitable<void> HttpServer::State::converse(Socket socket, std::string address) {
  struct Counted {
    std::size_t& count;
    ~Counted() { --count; }
  } counted{connections};
  try {
    if constexpr (!std::is_same_v<Socket, beast::tcp_stream>) {
      beast::get_lowest_layer(socket).expires_after(kHeaderTime);
      co_await socket.async_handshake(asio::ssl::stream_base::server, use_awaitable);
    }
    beast::flat_buffer buffer(kMostHeader + kPiece);
    while (co_await answer_one(socket, buffer, address)) {
    }
  } catch (const std::exception&) {  // the other end went away or kept us waiting: nobody is there to be told
  }
  error_code ignored;
  beast::get_lowest_layer(socket).socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
}

awaitable<void> HttpServer::State::accept() {
  while (acceptor.is_open()) {
    error_code error;
    asio::ip::tcp::socket socket = co_await acceptor.async_accept(asio::redirect_error(use_awaitable, error));
    if (error) {  // no descriptors left: wait for some to be closed
      asio::steady_timer pause(loop, std::chrono::milliseconds(100));
      co_await pause.async_wait(asio::redirect_error(use_awaitable, error));
      continue;
    }
    if (connections >= options.most_connections) continue;
    const auto other = socket.remote_endpoint(error);
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    ++connections;
    const std::string address = other.address().to_string();
    beast::tcp_stream stream(std::move(socket));
    if (tls) {
      asio::co_spawn(loop, converse(beast::ssl_stream<beast::tcp_stream>(std::move(stream), *tls), address),
                     asio::detached);
    } else {
      asio::co_spawn(loop, converse(std::move(stream), address), asio::detached);
    }
  }
}

HttpServer::HttpServer(HttpOptions options, Handler& handler)
    : state_(std::make_unique<State>(std::move(options), handler)) {
  State& s = *state_;
  const std::string place = s.options.host + ":" + std::to_string(s.options.port);
  try {
    const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(s.options.host),
                                           static_cast<std::uint16_t>(s.options.port));
    s.acceptor.open(endpoint.protocol());
    s.acceptor.set_option(asio::socket_base::reuse_address(true));
    s.acceptor.bind(endpoint);
    s.acceptor.listen(asio::socket_base::max_listen_connections);
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorCode::unreadable, place + ": cannot listen there: " + error.code().message() +
                                           "; choose another --port, and for --host an address of this machine");
  }
  if (s.options.certificate.empty()) return;
  try {
    s.tls.emplace(asio::ssl::context::tls_server);
    s.tls->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    s.tls->use_certificate_chain_file(s.options.certificate);
    s.tls->use_private_key_file(s.options.private_key, asio::ssl::context::pem);
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorCode::malformed, s.options.certificate + ", " + s.options.private_key +
                                          ": expected a certificate and its key as PEM: " + error.code().message());
  }
}

HttpServer::~HttpServer() = default;

int HttpServer::port() const { return state_->acceptor.local_endpoint().port(); }

std::size_t HttpServer::streams() const { return state_->streams.size(); }

void HttpServer::run() {
  asio::co_spawn(state_->loop, state_->accept(), asio::detached);
  state_->loop.run();
}

void HttpServer::stop() { state_->loop.stop(); }

void HttpServer::publish(const std::string& event, const std::string& data) {
  const auto piece = std::make_shared<const std::string>("event: " + event + "\ndata: " + data + "\n\n");
  for (const auto& stream : state_->streams) {
    stream->lost = stream->bytes + piece->size() > kMostQueued;
    stream->waiting.push_back(piece);
    stream->bytes += piece->size();
    stream->wake.cancel();
  }
}

void HttpServer::after(std::chrono::milliseconds time, std::function<void()> call) {
  auto timer = std::make_shared<asio::steady_timer>(state_->loop, time);
  timer->async_wait([timer, call = std::move(call)](error_code error) {
    if (!error) call();
  });
}

void HttpServer::watch(int descriptor, std::function<bool(int)> readable) {
  struct Watch : std::enable_shared_from_this<Watch> {
    Watch(asio::io_context& loop, int number, std::function<bool(int)> call)
        : input(loop, number), readable(std::move(call)) {}
    asio::posix::stream_descriptor input;
    std::function<bool(int)> readable;
    void wait() {
      input.async_wait(asio::posix::stream_descriptor::wait_read, [self = shared_from_this()](error_code error) {
        if (!error && self->readable(self->input.native_handle())) self->wait();
      });
    }
  };
  std::make_shared<Watch>(state_->loop, descriptor, std::move(readable))->wait();
}

void HttpServer::on_signals(std::function<void()> call) {
  state_->signals.emplace(state_->loop, SIGINT, SIGTERM);
  state_->signals->async_wait([call = std::move(call)](error_code error, int) {
    if (!error) call();
  });
}

}  // namespace pop2piano::serve
