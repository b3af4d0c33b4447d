// Convolutions and their gradients.
#include "binding/call.h"

namespace gb {

const Function kConvFunctions[] = {
    {"convForward", StoppableEntry<Direct<Convolve>, Call::Reach::kOneDevice>},
    {"convBackwardInput", StoppableEntry<Direct<ConvolveInputGradient>, Call::Reach::kOneDevice>},
    {"convBackwardWeight", StoppableEntry<Direct<ConvolveWeightGradient>, Call::Reach::kOneDevice>},
    {nullptr, nullptr}};

}  // namespace gb
