// Pooling.
#include "binding/call.h"

namespace gb {

const Function kPoolingFunctions[] = {{"maxPool", Entry<Direct<MaxPoolForward>>},
                                      {"maxPoolBackward", Entry<Direct<MaxPoolGradient>>},
                                      {"maxPoolTake", Entry<Direct<MaxPoolTake>>},
                                      {"maxPoolIndices", Entry<Direct<MaxPoolIndices>>},
                                      {"stochasticPool", Entry<Direct<StochasticPoolForward>>},
                                      {"avgPool", Entry<Direct<AveragePoolForward>>},
                                      {"avgPoolBackward", Entry<Direct<AveragePoolGradient>>},
                                      {"adaptiveMaxPool", Entry<Direct<AdaptiveMaxPoolForward>>},
                                      {"adaptiveAvgPool", Entry<Direct<AdaptiveAveragePoolForward>>},
                                      {"adaptiveAvgPoolBackward", Entry<Direct<AdaptiveAveragePoolGradient>>},
                                      {"fractionalMaxPool", Entry<Direct<FractionalMaxPoolForward>>},
                                      {"planeTake", Entry<Direct<PlaneTakeFrom>>},
                                      {"planePut", Entry<Direct<PlanePutInto>>},
                                      {nullptr, nullptr}};

}  // namespace gb
