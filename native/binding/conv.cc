// Convolutions and their gradients.
#include "binding/call.h"

namespace gb {

const Function kConvFunctions[] = {{"convForward", StoppableEntry<Direct<Convolve>>},
                                   {"convBackwardInput", StoppableEntry<Direct<ConvolveInputGradient>>},
                                   {"convBackwardWeight", StoppableEntry<Direct<ConvolveWeightGradient>>},
                                   {nullptr, nullptr}};

}  // namespace gb
