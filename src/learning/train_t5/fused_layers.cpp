// SPDX-License-Identifier: MIT
// Linear, normalisation and gate with their gradients on a CPU.
#include <algorithm>

#include "learning/train/float_rows.h"
#include "learning/train_t5/fused_ops.h"

namespace pop2piano::training {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

constexpr std::int64_t kRowBlock = 64;  // fixed, so that sums over rows do not depend on the number of threads

// body(block, first row, last row) over all rows in blocks, on libtorch's threads.
template <typename Body>
void for_row_blocks(std::int64_t rows, const Body& body) {
  const std::int64_t blocks = (rows + kRowBlock - 1) / kRowBlock;
  at::parallel_for(0, blocks, 4, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t b = first; b < last; ++b) body(b, b * kRowBlock, std::min(rows, (b + 1) * kRowBlock));
  });
}

// libtorch's own gradient by the weight comes out transposed, which makes every later pass over it slow.
struct LinearFunction : torch::autograd::Function<LinearFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight) {
    context->save_for_backward({x, weight});
    return at::mm(x, weight.t());
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const auto saved = context->get_saved_variables();
    const auto grad = grads[0].contiguous();
    return {at::mm(grad, saved[1]), at::mm(grad.t(), saved[0])};
  }
};

// One row block of the gradient; partial [blocks, d] takes the weight's part.
void norm_gradient_rows(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& inverse,
                        const at::Tensor& grad_normed, const at::Tensor& grad_hidden, const at::Tensor& partial) {
  const std::int64_t d = hidden.size(1);
  const float* inverse_rms = inverse.data_ptr<float>();
  for_row_blocks(hidden.size(0), [&](std::int64_t block, std::int64_t first, std::int64_t last) {
    FloatRows x(hidden, d), grad_out(grad_normed, d), grad_x(grad_hidden, d);
    float* grad_weight = partial.data_ptr<float>() + block * d;
    for (std::int64_t r = first; r < last; ++r) {
      row::rms_norm_gradient(x.read(r), weight.data_ptr<float>(), inverse_rms[r], grad_out.read(r), grad_x.read(r),
                             grad_weight, static_cast<std::size_t>(d));
    }
  });
}

struct NormFunction : torch::autograd::Function<NormFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& hidden, const at::Tensor& weight, double eps,
                            at::ScalarType type) {
    const std::int64_t rows = hidden.size(0), d = hidden.size(1);
    const auto in = hidden.contiguous();
    auto out = at::empty({rows, d}, hidden.options().dtype(type));
    auto inverse = at::empty({rows}, hidden.options());
    for_row_blocks(rows, [&](std::int64_t, std::int64_t first, std::int64_t last) {
      FloatRows x(in, d), y(out, d);
      for (std::int64_t r = first; r < last; ++r) {
        inverse.data_ptr<float>()[r] = row::rms_norm(x.read(r), weight.data_ptr<float>(), static_cast<float>(eps),
                                                     y.at(r), static_cast<std::size_t>(d));
        y.write(r);
      }
    });
    context->save_for_backward({in, weight, inverse});
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const auto saved = context->get_saved_variables();
    auto grad_hidden = at::zeros_like(saved[0]);
    auto partial = at::zeros({(saved[0].size(0) + kRowBlock - 1) / kRowBlock, saved[0].size(1)}, saved[0].options());
    norm_gradient_rows(saved[0], saved[1], saved[2], grads[0].contiguous(), grad_hidden, partial);
    return {grad_hidden, partial.sum(0), Variable(), Variable()};
  }
};

struct AddNormFunction : torch::autograd::Function<AddNormFunction> {
  static variable_list forward(AutogradContext* context, const at::Tensor& hidden, const at::Tensor& update,
                               const at::Tensor& weight, double eps) {
    const std::int64_t rows = hidden.size(0), d = hidden.size(1);
    const auto in = hidden.contiguous(), more = update.contiguous();
    auto sum = at::empty_like(in), out = at::empty_like(more);
    auto inverse = at::empty({rows}, in.options());
    for_row_blocks(rows, [&](std::int64_t, std::int64_t first, std::int64_t last) {
      FloatRows x(in, d), u(more, d), s(sum, d), y(out, d);
      const auto width = static_cast<std::size_t>(d);
      for (std::int64_t r = first; r < last; ++r) {
        float* row_sum = s.at(r);
        std::copy_n(x.read(r), d, row_sum);
        row::add(u.read(r), row_sum, width);
        inverse.data_ptr<float>()[r] =
            row::rms_norm(row_sum, weight.data_ptr<float>(), static_cast<float>(eps), y.at(r), width);
        y.write(r);
      }
    });
    context->save_for_backward({sum, weight, inverse});
    context->saved_data["type"] = static_cast<std::int64_t>(update.scalar_type());
    context->set_materialize_grads(false);
    return {sum, out};
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const auto saved = context->get_saved_variables();
    const auto type = static_cast<at::ScalarType>(context->saved_data["type"].toInt());
    auto grad_hidden = grads[0].defined() ? grads[0].clone(at::MemoryFormat::Contiguous) : at::zeros_like(saved[0]);
    auto partial = at::zeros({(saved[0].size(0) + kRowBlock - 1) / kRowBlock, saved[0].size(1)}, saved[0].options());
    if (grads[1].defined()) {
      norm_gradient_rows(saved[0], saved[1], saved[2], grads[1].contiguous(), grad_hidden, partial);
    }
    return {grad_hidden, grad_hidden.to(type), partial.sum(0), Variable()};
  }
};

struct GatedGeluFunction : torch::autograd::Function<GatedGeluFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gates) {
    const std::int64_t rows = gates.size(0), width = gates.size(1) / 2;
    const auto in = gates.contiguous();
    auto out = at::empty({rows, width}, gates.options());
    for_row_blocks(rows, [&](std::int64_t, std::int64_t first, std::int64_t last) {
      FloatRows x(in, 2 * width), y(out, width);
      for (std::int64_t r = first; r < last; ++r) {
        const float* pair = x.read(r);
        row::gated_gelu(pair, pair + width, y.at(r), static_cast<std::size_t>(width));
        y.write(r);
      }
    });
    context->save_for_backward({in});
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const auto gates = context->get_saved_variables()[0];
    const std::int64_t width = gates.size(1) / 2;
    const auto grad_out = grads[0].contiguous();
    auto grad_gates = at::empty_like(gates);
    for_row_blocks(gates.size(0), [&](std::int64_t, std::int64_t first, std::int64_t last) {
      FloatRows x(gates, 2 * width), dy(grad_out, width), dx(grad_gates, 2 * width);
      for (std::int64_t r = first; r < last; ++r) {
        const float* pair = x.read(r);
        float* grad = dx.at(r);
        row::gated_gelu_gradient(pair, pair + width, dy.read(r), grad, grad + width, static_cast<std::size_t>(width));
        dx.write(r);
      }
    });
    return {grad_gates};
  }
};

}  // namespace

at::Tensor project(const at::Tensor& x, const at::Tensor& weight) {
  return x.is_cpu() ? LinearFunction::apply(x, weight) : at::linear(x, weight);
}

at::Tensor rms_norm(const at::Tensor& hidden, const at::Tensor& weight, double eps, at::ScalarType type) {
  if (!hidden.is_cpu()) return plain_ops::rms_norm(hidden, weight, eps, type);
  return NormFunction::apply(hidden, weight, eps, type);
}

std::pair<at::Tensor, at::Tensor> add_rms_norm(const at::Tensor& hidden, const at::Tensor& update,
                                               const at::Tensor& weight, double eps) {
  if (!hidden.is_cpu()) return plain_ops::add_rms_norm(hidden, update, weight, eps);
  auto both = AddNormFunction::apply(hidden, update, weight, eps);
  return {std::move(both[0]), std::move(both[1])};
}

at::Tensor gated_gelu(const at::Tensor& gates) {
  return gates.is_cpu() ? GatedGeluFunction::apply(gates) : plain_ops::gated_gelu(gates);
}

}  // namespace pop2piano::training
