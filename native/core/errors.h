// The exceptions of the engine. The binding turns each into the JavaScript error of the same name, so the text is what
// a user reads: it says what was wrong, with values, and what to do. The throwing functions are out of line on purpose:
// kernels compiled for several instruction sets may call them without instantiating anything shared.
#pragma once

#include <stdexcept>
#include <string>

namespace gb {

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// An argument of the wrong kind: becomes TypeError.
struct TypeError : Error {
  using Error::Error;
};

// An index or size outside its range: becomes RangeError.
struct RangeError : Error {
  using Error::Error;
};

// The user asked to stop: no error, and no std::exception, so that nothing mistakes it for one.
struct Stopped {};
[[noreturn]] void ThrowStopped() __attribute__((cold));

// printf-style.
[[noreturn]] void Throw(const char* format, ...) __attribute__((format(printf, 1, 2), cold));
[[noreturn]] void ThrowType(const char* format, ...) __attribute__((format(printf, 1, 2), cold));
[[noreturn]] void ThrowRange(const char* format, ...) __attribute__((format(printf, 1, 2), cold));

}  // namespace gb
