// SPDX-License-Identifier: MIT
// SQLite, as much of it as the server needs: one connection, statements, transactions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace pop2piano::serve {

using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

/// A row of an answer, by column.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class Database {
 public:
  /// Opens or makes the file, with a write-ahead log. Throws Error: write_failed, malformed.
  explicit Database(const std::filesystem::path& file);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Statements without values, several at once.
  void script(const std::string& sql);
  /// Runs one statement to its end, calling `row` for each row; returns how many rows it changed.
  template <typename Each>
  int run(const std::string& sql, const std::vector<Value>& values, Each row) {
    const Prepared prepared(*this, sql, values);
    while (prepared.step()) row(Row(prepared.statement));
    return changes();
  }
  int run(const std::string& sql, const std::vector<Value>& values = {}) {
    return run(sql, values, [](const Row&) {});
  }
  [[nodiscard]] std::int64_t number(const std::string& sql, const std::vector<Value>& values = {});
  [[nodiscard]] std::int64_t last_id() const;

 private:
  struct Prepared {
    Prepared(Database& database, const std::string& sql, const std::vector<Value>& values);
    ~Prepared();
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;
    [[nodiscard]] bool step() const;
    Database& database;
    sqlite3_stmt* statement = nullptr;
  };
  [[noreturn]] void fail(const std::string& sql) const;
  [[nodiscard]] int changes() const;

  std::filesystem::path file_;
  sqlite3* connection_ = nullptr;
};

}  // namespace pop2piano::serve
