// Pooling.
#include "binding/call.h"

namespace gb {

const Function kPoolingFunctions[] = {
    {"maxPool", Entry<Direct<MaxPoolForward>, Call::Reach::kOneDevice>},
    {"maxPoolBackward", Entry<Direct<MaxPoolGradient>, Call::Reach::kOneDevice>},
    {"maxPoolTake", Entry<Direct<MaxPoolTake>, Call::Reach::kOneDevice>},
    {"maxPoolIndices", Entry<Direct<MaxPoolIndices>, Call::Reach::kOneDevice>},
    {"stochasticPool", Entry<Direct<StochasticPoolForward>, Call::Reach::kOneDevice>},
    {"avgPool", Entry<Direct<AveragePoolForward>, Call::Reach::kOneDevice>},
    {"avgPoolBackward", Entry<Direct<AveragePoolGradient>, Call::Reach::kOneDevice>},
    {"adaptiveMaxPool", Entry<Direct<AdaptiveMaxPoolForward>, Call::Reach::kOneDevice>},
    {"adaptiveAvgPool", Entry<Direct<AdaptiveAveragePoolForward>, Call::Reach::kOneDevice>},
    {"adaptiveAvgPoolBackward", Entry<Direct<AdaptiveAveragePoolGradient>, Call::Reach::kOneDevice>},
    {"fractionalMaxPool", Entry<Direct<FractionalMaxPoolForward>, Call::Reach::kOneDevice>},
    {"planeTake", Entry<Direct<PlaneTakeFrom>, Call::Reach::kOneDevice>},
    {"planePut", Entry<Direct<PlanePutInto>, Call::Reach::kOneDevice>},
    {nullptr, nullptr}};

}  // namespace gb
