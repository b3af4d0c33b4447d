// Formatting of error messages.
#include "core/errors.h"

#include <cstdarg>
#include <cstdio>

namespace gb {

namespace {

std::string Format(const char* format, va_list arguments) {
  char text[1024];
  vsnprintf(text, sizeof text, format, arguments);
  return text;
}

}  // namespace

void Throw(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::string text = Format(format, arguments);
  va_end(arguments);
  throw Error(text);
}

void ThrowStopped() { throw Stopped(); }

void ThrowType(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::string text = Format(format, arguments);
  va_end(arguments);
  throw TypeError(text);
}

void ThrowRange(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::string text = Format(format, arguments);
  va_end(arguments);
  throw RangeError(text);
}

}  // namespace gb
