// SPDX-License-Identifier: MIT
// Row-major matrices and borrowed views of them.
#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace pop2piano {

/// Borrowed [rows, columns], row-major, rows contiguous.
template <typename T>
class Span2D {
 public:
  Span2D() = default;
  Span2D(T* data, std::size_t rows, std::size_t columns) : data_(data), rows_(rows), columns_(columns) {}

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] std::span<T> row(std::size_t r) const {
    assert(r < rows_);
    return {data_ + r * columns_, columns_};
  }
  [[nodiscard]] T& operator()(std::size_t r, std::size_t c) const {
    assert(r < rows_ && c < columns_);
    return data_[r * columns_ + c];
  }
  operator Span2D<const T>() const { return {data_, rows_, columns_}; }  // NOLINT(google-explicit-constructor)

 private:
  T* data_ = nullptr;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
};

/// Owned [rows, columns], row-major. Copies are deep.
template <typename T>
class Matrix {
 public:
  Matrix() = default;
  Matrix(std::size_t rows, std::size_t columns, T value = T{})
      : rows_(rows), columns_(columns), data_(rows * columns, value) {}

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] bool empty() const { return data_.empty(); }
  [[nodiscard]] T* data() { return data_.data(); }
  [[nodiscard]] const T* data() const { return data_.data(); }
  [[nodiscard]] std::span<const T> flat() const { return data_; }
  [[nodiscard]] std::span<T> flat() { return data_; }
  [[nodiscard]] std::span<T> row(std::size_t r) { return view().row(r); }
  [[nodiscard]] std::span<const T> row(std::size_t r) const { return view().row(r); }
  [[nodiscard]] T& operator()(std::size_t r, std::size_t c) {
    assert(r < rows_ && c < columns_);
    return data_[r * columns_ + c];
  }
  [[nodiscard]] const T& operator()(std::size_t r, std::size_t c) const {
    assert(r < rows_ && c < columns_);
    return data_[r * columns_ + c];
  }
  [[nodiscard]] Span2D<T> view() { return {data_.data(), rows_, columns_}; }
  [[nodiscard]] Span2D<const T> view() const { return {data_.data(), rows_, columns_}; }
  /// The values [rows * columns]; leaves an empty matrix.
  [[nodiscard]] std::vector<T> take() {
    rows_ = columns_ = 0;
    return std::exchange(data_, {});
  }
  /// Adds one row; the first one decides the number of columns.
  void append_row(std::span<const T> values) {
    assert(rows_ == 0 || values.size() == columns_);
    columns_ = values.size();
    data_.insert(data_.end(), values.begin(), values.end());
    ++rows_;
  }

 private:
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::vector<T> data_;
};

}  // namespace pop2piano
