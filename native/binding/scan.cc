// Scans, sorts, selections, searches and counts.
#include "cpu/scan.h"

#include "binding/call.h"
#include "cpu/count.h"
#include "cpu/sort.h"

namespace gb {

namespace {

ScanOp ToScanOp(const std::string& text) {
  if (text == "sum") return ScanOp::kSum;
  if (text == "prod") return ScanOp::kProd;
  if (text == "logsumexp") return ScanOp::kLogSumExp;
  ThrowType("scan: there is no scan \"%s\"; expected sum, prod or logsumexp", text.c_str());
}

Selection ToSelection(const std::string& text) {
  if (text == "kth") return Selection::kKth;
  if (text == "median") return Selection::kMedian;
  if (text == "nanmedian") return Selection::kNanMedian;
  if (text == "mode") return Selection::kMode;
  ThrowType("selectAlong: there is no selection \"%s\"; expected kth, median, nanmedian or mode", text.c_str());
}

BinSearch ToBinSearch(const std::string& text) {
  if (text == "edges") return BinSearch::kEdges;
  if (text == "width") return BinSearch::kWidth;
  if (text == "widthThenEdges") return BinSearch::kWidthThenEdges;
  ThrowType("histogram: there is no search \"%s\"; expected edges, width or widthThenEdges", text.c_str());
}

napi_value ScanOf(Call& call) {
  Scan(ToScanOp(call.Text(0)), call.Handle(1), call.Handle(2), call.Integer(3));
  return nullptr;
}

napi_value ScanExtremeOf(Call& call) {
  const std::string op = call.Text(0);
  if (op != "max" && op != "min") ThrowType("scanExtreme: expected max or min, found \"%s\"", op.c_str());
  ScanExtreme(op == "max", call.Handle(1), call.Handle(2), call.Handle(3), call.Integer(4));
  return nullptr;
}

napi_value SelectAlongOf(Call& call) {
  SelectAlong(ToSelection(call.Text(0)), call.OptionalHandle(1), call.OptionalHandle(2), call.Handle(3),
              call.Integer(4), call.Integer(5));
  return nullptr;
}

napi_value HistogramOf(Call& call) {
  CountInBins(call.Handle(0), call.Handle(1), call.Handle(2), call.OptionalHandle(3), ToBinSearch(call.Text(4)));
  return nullptr;
}

}  // namespace

const Function kScanFunctions[] = {{"scan", Entry<ScanOf, Call::Reach::kOneDevice>},
                                   {"scanExtreme", Entry<ScanExtremeOf, Call::Reach::kOneDevice>},
                                   {"recurrence", Entry<Direct<Recurrence>, Call::Reach::kOneDevice>},
                                   {"sort", StoppableEntry<Direct<SortAlong>, Call::Reach::kOneDevice>},
                                   {"topk", StoppableEntry<Direct<TopK>, Call::Reach::kOneDevice>},
                                   {"selectAlong", StoppableEntry<SelectAlongOf, Call::Reach::kOneDevice>},
                                   {"sortRows", StoppableEntry<Direct<SortRows>, Call::Reach::kOneDevice>},
                                   {"searchSorted", Entry<Direct<SearchSorted>, Call::Reach::kOneDevice>},
                                   {"bincount", Entry<Direct<CountIntegers>, Call::Reach::kOneDevice>},
                                   {"histogram", Entry<HistogramOf, Call::Reach::kOneDevice>},
                                   {nullptr, nullptr}};

}  // namespace gb
