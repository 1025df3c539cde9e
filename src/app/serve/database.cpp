// SPDX-License-Identifier: MIT
#include "app/serve/database.h"

#include <pop2piano/error.h>

#include <sqlite3.h>

namespace pop2piano::serve {
namespace {

constexpr int kWaitMilliseconds = 5000;

void bind(sqlite3_stmt* statement, int place, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    sqlite3_bind_int64(statement, place, *integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    sqlite3_bind_double(statement, place, *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    sqlite3_bind_text64(statement, place, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } else {
    sqlite3_bind_null(statement, place);
  }
}

}  // namespace

std::int64_t Row::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Row::real(int column) const { return sqlite3_column_double(statement_, column); }
bool Row::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::string Row::text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return "";
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Database::Database(const std::filesystem::path& file) : file_(file) {
  if (sqlite3_open(file.c_str(), &connection_) != SQLITE_OK) {
    const std::string reason = connection_ == nullptr ? "out of memory" : sqlite3_errmsg(connection_);
    sqlite3_close(connection_);
    throw Error(ErrorCode::write_failed, file.string() + ": cannot be opened: " + reason);
  }
  try {
    sqlite3_busy_timeout(connection_, kWaitMilliseconds);
    script("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;");
  } catch (const Error&) {
    sqlite3_close(connection_);
    throw;
  }
}

Database::~Database() { sqlite3_close(connection_); }

void Database::script(const std::string& sql) {
  if (sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
}

std::int64_t Database::number(const std::string& sql, const std::vector<Value>& values) {
  std::int64_t result = 0;
  run(sql, values, [&](const Row& row) { result = row.integer(0); });
  return result;
}

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(connection_); }

int Database::changes() const { return sqlite3_changes(connection_); }

void Database::fail(const std::string& sql) const {
  const int code = sqlite3_errcode(connection_);
  throw Error(code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? ErrorCode::malformed : ErrorCode::write_failed,
              file_.string() + ": " + sqlite3_errmsg(connection_) + " (" + sql.substr(0, 60) + ")");
}

Database::Prepared::Prepared(Database& owner, const std::string& sql, const std::vector<Value>& values)
    : database(owner) {
  if (sqlite3_prepare_v2(owner.connection_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) owner.fail(sql);
  for (std::size_t i = 0; i < values.size(); ++i) bind(statement, static_cast<int>(i) + 1, values[i]);
}

Database::Prepared::~Prepared() { sqlite3_finalize(statement); }

bool Database::Prepared::step() const {
  const int code = sqlite3_step(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) database.fail(sqlite3_sql(statement));
  return code == SQLITE_ROW;
}

}  // namespace pop2piano::serve
