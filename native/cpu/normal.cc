// Normal numbers from uniform ones. Limited by the logarithm, sine and cosine, all vectorised.
#include "cpu/isa.h"
#include "cpu/tables.h"
#include "cpu/vmath.h"

namespace gb {
namespace GB_ISA {

// Blocks of 16 uniform numbers become 16 normal ones by the method of Box and Muller, PyTorch's pairing: the first
// eight give the radius, the last eight the angle.
void NormalFill(float* data, int64_t blocks, float mean, float std) {
  for (int64_t block = 0; block < blocks; block++, data += 16) {
    float low[8], high[8];
    for (int j = 0; j < 8; j++) {
      float radius = sqrt(-2.0f * log(1.0f - data[j]));
      float angle = 6.28318530717958647692f * data[j + 8];
      low[j] = radius * cos(angle) * std + mean;
      high[j] = radius * sin(angle) * std + mean;
    }
    for (int j = 0; j < 8; j++) data[j] = low[j];
    for (int j = 0; j < 8; j++) data[j + 8] = high[j];
  }
}

}  // namespace GB_ISA
}  // namespace gb
