// Convolutions and their gradients.
#include "binding/call.h"

namespace gb {

const Function kConvFunctions[] = {{"convForward", Entry<Direct<Convolve>>},
                                   {"convBackwardInput", Entry<Direct<ConvolveInputGradient>>},
                                   {"convBackwardWeight", Entry<Direct<ConvolveWeightGradient>>},
                                   {nullptr, nullptr}};

}  // namespace gb
