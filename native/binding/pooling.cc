// Pooling.
#include "binding/call.h"

namespace gb {

const Function kPoolingFunctions[] = {{"maxPool", Entry<Direct<MaxPoolForward>, Call::Reach::kOneDevice>},
                                      {"maxPoolBackward", Entry<Direct<MaxPoolGradient>, Call::Reach::kOneDevice>},
                                      {"maxPoolTake", Entry<Direct<MaxPoolTake>, Call::Reach::kOneDevice>},
                                      {"maxPoolIndices", Entry<Direct<MaxPoolIndices>>},
                                      {"stochasticPool", Entry<Direct<StochasticPoolForward>>},
                                      {"avgPool", Entry<Direct<AveragePoolForward>, Call::Reach::kOneDevice>},
                                      {"avgPoolBackward", Entry<Direct<AveragePoolGradient>, Call::Reach::kOneDevice>},
                                      {"adaptiveMaxPool", Entry<Direct<AdaptiveMaxPoolForward>>},
                                      {"adaptiveAvgPool", Entry<Direct<AdaptiveAveragePoolForward>>},
                                      {"adaptiveAvgPoolBackward", Entry<Direct<AdaptiveAveragePoolGradient>>},
                                      {"fractionalMaxPool", Entry<Direct<FractionalMaxPoolForward>>},
                                      {"planeTake", Entry<Direct<PlaneTakeFrom>>},
                                      {"planePut", Entry<Direct<PlanePutInto>>},
                                      {nullptr, nullptr}};

}  // namespace gb
