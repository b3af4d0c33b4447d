// The implicit matrix products of a convolution (see conv.cc): rows are output channels, columns output positions, and
// the sum runs over the taps of all input channels. Images are prepared (conv_image.h) one at a time and read where
// they lie, in one of three ways, whichever costs least: by rows of the output (each vector lies in one row), flat
// (vectors run over the padding at the ends of rows, whose results are dropped), or packed (columns of several images
// side by side without gaps, as small images need). Every sum runs over the taps in one order, whatever the number of
// threads.
#pragma once

#include "core/storage.h"
#include "core/threads.h"
#include "cpu/conv_image.h"
#include "cpu/conv_tile.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kDepth = 2048;          // bytes of taps in a block
constexpr int64_t kGroup = 262144;        // bytes of weights that stay in the second-level cache
constexpr int64_t kMaxColumns = 2048;     // packed at once
constexpr int64_t kPackedBytes = 655360;  // and so many bytes of them, to stay in the second-level cache
constexpr int64_t kPackColumns = 512;     // that make packing the weights worthwhile
constexpr int64_t kPackRows = 48;         // of a packed panel that are written together
constexpr int64_t kTaskWork = 200000;     // multiply-adds in a task, at least
constexpr int64_t kMaxPieces = kWideVectors * 16;

enum class Way { kRows, kFlat, kPacked };

// The output positions of one image that one set of taps computes, each a constant distance from the next.
struct Grid {
  int64_t k;      // taps times channels
  int64_t first;  // place of its taps in the tables
  int64_t size[3];
  int64_t source_z, source_y;  // in the prepared image
  int64_t start, target[3];    // in the output image
  int64_t far;                 // the largest tap offset
  int64_t row_vectors, flat_vectors;
  int64_t vector_first;  // place in the table of vectors

  int64_t Positions() const { return Product(size); }
};

// One vector of positions in a row.
struct RowVector {
  int64_t source, target, lanes;
};

// Neighbouring columns of a panel that are neighbours in the source too, and a constant step apart in the target.
struct Piece {
  int64_t column, length, source, target;
};

// Rows dealt out evenly over panels: the first ones take one more.
struct Deal {
  int64_t panels, rows, longer;

  explicit Deal(int64_t total) : panels(DivideUp(total, kTileRows)), rows(total / panels), longer(total % panels) {}
  int64_t First(int64_t panel) const { return panel * rows + Min(panel, longer); }
  int64_t Rows(int64_t panel) const { return rows + (panel < longer ? 1 : 0); }
};

template <class T>
struct Operands {
  T* c;
  const T* b;
  const T* a;
  const T* bias;
};

// The products for all grids of a convolution.
template <class T>
class Convolution {
 public:
  int64_t images, groups, rows, out_size;
  ImageLayout layout;
  int64_t a_row, a_group;
  bool contiguous_a;  // the taps of a row follow one another
  int64_t grid_count;
  Grid* grids;
  int64_t* a_at;  // tables of tap offsets
  int64_t* b_at;
  Operands<T> operands;

  void Run() {
    deal_ = Deal(rows);
    in_place_ = layout.InPlace();
    image_size_ = layout.Image();
    Choose();
    int64_t total = 0, columns = 0, row_vectors = 0;
    for (int64_t i = 0; i < grid_count; i++) {
      total += grids[i].k;
      columns += images * grids[i].Positions();
      grids[i].vector_first = row_vectors;
      row_vectors += grids[i].row_vectors;
    }
    packs_a_ = columns >= kPackColumns || rows <= kWideRows;
    Scratch weights(packs_a_ ? rows * total * kItem : 1);
    packed_a_ = static_cast<T*>(weights.data());
    total_k_ = total;
    // A packed panel is read through the same tables of offsets: multiples of its width.
    width_ = (way_ != Way::kPacked && rows <= kWideRows ? kWideVectors : kTileVectors) * kW;
    Scratch steps(kMaxDepth * static_cast<int64_t>(sizeof(int64_t)));
    steps_ = static_cast<int64_t*>(steps.data());
    for (int64_t k = 0; k < kMaxDepth; k++) steps_[k] = k * width_;
    Scratch vectors(way_ == Way::kRows ? row_vectors * static_cast<int64_t>(sizeof(RowVector)) : 1);
    vectors_ = static_cast<RowVector*>(vectors.data());
    if (way_ == Way::kRows) ListRowVectors();
    for (group_ = 0; group_ < groups; group_++) {
      // Many small groups are better shared out whole.
      if (group_ == 0 && way_ != Way::kPacked && groups > 1 && rows * total * groups <= kManyGroups) {
        RunGroupsTogether();
        return;
      }
      if (packs_a_) PackWeights(packed_a_, group_, true);
      if (way_ == Way::kPacked) {
        RunPacked();
      } else {
        RunImages(images, [&](int64_t i) { return Item{i, group_, packed_a_}; });
      }
    }
  }

 private:
  static constexpr int64_t kItem = sizeof(T);
  static constexpr int64_t kW = kWidth<T>;
  static constexpr int64_t kColumns = kTileVectors * kW;
  static constexpr int64_t kMaxDepth = kDepth * 3 / 2 / kItem + 1;  // taps in a block
  static constexpr int64_t kManyGroups = 1 << 20;

  struct Item {
    int64_t image, group;
    const T* weights;
  };

  // Estimated cycles of each way; tiles with gaps are stored through memory.
  void Choose() {
    const double m = static_cast<double>(rows);
    double by_rows = 0, flat = 0, packed = 0;
    for (int64_t i = 0; i < grid_count; i++) {
      Grid& g = grids[i];
      g.row_vectors = g.size[0] * g.size[1] * DivideUp(g.size[2], kW);
      g.flat_vectors = g.size[0] * DivideUp((g.size[1] - 1) * g.source_y + g.size[2], kW);
      const double k = static_cast<double>(g.k), n = static_cast<double>(images);
      by_rows += n * static_cast<double>(g.row_vectors) * m * (k * 0.5 + 3);
      flat += n * static_cast<double>(g.flat_vectors) * m * (k * 0.5 + 10);
      const double runs = 1 + static_cast<double>(kW) / static_cast<double>(g.size[2]);
      packed += static_cast<double>(DivideUp(images * g.Positions(), kW)) * (m * (k * 0.5 + 10) + k * 3 * runs);
    }
    if (groups > 1 && rows < kTileRows) packed = by_rows + flat;  // too little work in each group
    way_ = by_rows <= flat && by_rows <= packed ? Way::kRows : flat <= packed ? Way::kFlat : Way::kPacked;
    for (int64_t i = 0; i < grid_count; i++) {
      if (way_ == Way::kFlat && grids[i].target[2] != 1 && by_rows <= packed) way_ = Way::kRows;
    }
  }

  void ListRowVectors() {
    for (int64_t i = 0; i < grid_count; i++) {
      const Grid& g = grids[i];
      RowVector* to = vectors_ + g.vector_first;
      for (int64_t z = 0; z < g.size[0]; z++) {
        for (int64_t y = 0; y < g.size[1]; y++) {
          for (int64_t x = 0; x < g.size[2]; x += kW) {
            *to++ = {z * g.source_z + y * g.source_y + x, g.start + z * g.target[0] + y * g.target[1] + x * g.target[2],
                     Min(kW, g.size[2] - x)};
          }
        }
      }
    }
  }

  // [panel][k][rows] for each grid.
  void PackWeights(T* to, int64_t group, bool parallel) const {
    for (int64_t i = 0; i < grid_count; i++) {
      const Grid& g = grids[i];
      const int64_t* at = a_at + g.first;
      T* base = to + rows * g.first;
      ParallelFor(deal_.panels, parallel ? Max(int64_t{1}, 16384 / (g.k * kTileRows + 1)) : deal_.panels,
                  [&](int64_t begin, int64_t end) {
                    for (int64_t panel = begin; panel < end; panel++) {
                      const int64_t first = deal_.First(panel), count = deal_.Rows(panel);
                      const T* from = operands.a + group * a_group + first * a_row;
                      T* out = base + first * g.k;
                      if (contiguous_a) {
                        PackLines(out, from, count, g.k);
                        continue;
                      }
                      for (int64_t k = 0; k < g.k; k++, out += count) {
                        const T* a = from + at[k];
                        for (int64_t r = 0; r < count; r++) out[r] = a[r * a_row];
                      }
                    }
                  });
    }
  }

  // Rows whose taps follow one another, transposed in registers. Whole vectors are stored that reach into the next
  // taps' place, which is written later, so the last taps are stored one by one.
  void PackLines(T* out, const T* from, int64_t count, int64_t k) const {
    const int64_t whole = Max(int64_t{0}, k / kW - 1) * kW;
    for (int64_t first = (count - 1) / kW * kW; first >= 0; first -= kW) {
      for (int64_t i = 0; i < whole; i += kW) {
        Vector<T> block[kW];
#pragma GCC unroll 16
        for (int r = 0; r < kW; r++) {
          block[r] = first + r < count ? Load(from + (first + r) * a_row + i) : Vector<T>{};
        }
        TransposeSquare<T>(block);
#pragma GCC unroll 16
        for (int j = 0; j < kW; j++) StoreVector<T>(out + (i + j) * count + first, block[j]);
      }
    }
    for (int64_t i = whole; i < k; i++) {
      for (int64_t r = 0; r < count; r++) out[i * count + r] = from[r * a_row + i];
    }
  }

  const T* ImageAt(int64_t image, int64_t group) const {
    return operands.b + (image * groups + group) * layout.channels * Product(layout.size);
  }
  T* OutputAt(int64_t image, int64_t group) const { return operands.c + (image * groups + group) * rows * out_size; }

  // Elements behind a prepared image that whole vectors may read.
  static constexpr int64_t kSlack = kWideVectors * kW;

  // ---- images one by one --------------------------------------------------------------------------------------------

  void RunGroupsTogether() {
    const int64_t size = rows * total_k_;
    Scratch all(groups * size * kItem);
    T* weights = static_cast<T*>(all.data());
    packs_a_ = true;
    for (int64_t group = 0; group < groups; group++) PackWeights(weights + group * size, group, false);
    RunImages(images * groups, [&](int64_t i) { return Item{i / groups, i % groups, weights + i % groups * size}; });
  }

  template <class ItemOf>
  void RunImages(int64_t count, const ItemOf& item_of) {
    int64_t work = 1;
    for (int64_t i = 0; i < grid_count; i++) work += grids[i].k * grids[i].Positions() * rows;
    // Few images are shared among the threads panel by panel.
    const bool whole = count >= 2 * Threads() || work < kTaskWork;
    ParallelFor(count, whole ? Max(int64_t{1}, kTaskWork / work) : count, [&](int64_t begin, int64_t end) {
      Scratch prepared(in_place_ ? 1 : (image_size_ + kSlack) * kItem);
      for (int64_t i = begin; i < end; i++) {
        const Item item = item_of(i);
        const T* image = ImageAt(item.image, item.group);
        if (!in_place_) {
          T* to = static_cast<T*>(prepared.data());
          FillZeros(to + image_size_, kSlack);
          Prepare(to, image);
          image = to;
        }
        for (int64_t g = 0; g < grid_count; g++) MultiplyImage(grids[g], item, image);
      }
    });
  }

  void Prepare(T* to, const T* from) const {
    const int64_t size = Product(layout.size), padded = layout.Channel();
    ParallelFor(layout.channels, Max(int64_t{1}, 16384 / (padded + 1)), [&](int64_t begin, int64_t end) {
      for (int64_t c = begin; c < end; c++) PrepareChannel(layout, to + c * padded, from + c * size);
    });
  }

  static int64_t Blocks(const Grid& grid) { return grid.k < kMaxDepth ? 1 : DivideUp(grid.k * kItem, kDepth); }

  void MultiplyImage(const Grid& grid, const Item& item, const T* image) const {
    const int64_t vectors = way_ == Way::kRows ? grid.row_vectors : grid.flat_vectors;
    const int64_t blocks = Blocks(grid), step = width_ / kW;
    for (int64_t block = 0; block < blocks; block++) {
      const int64_t k0 = grid.k * block / blocks, k1 = grid.k * (block + 1) / blocks;
      const int64_t work = Max(int64_t{1}, (k1 - k0) * rows * width_);
      ParallelFor(DivideUp(vectors, step), Max(int64_t{1}, kTaskWork / work), [&](int64_t begin, int64_t end) {
        Scratch tail(in_place_ ? (k1 - k0) * width_ * kItem : 1);
        for (int64_t v = begin * step; v < Min(vectors, end * step); v += step) {
          MultiplyVectors(grid, item, image, v, Min(step, vectors - v), k0, k1, static_cast<T*>(tail.data()));
        }
      });
    }
  }

  // A panel of `count` vectors from number v on.
  void MultiplyVectors(const Grid& grid, const Item& item, const T* image, int64_t v, int64_t count, int64_t k0,
                       int64_t k1, T* tail) const {
    ConvTile<T> task;
    Piece pieces[kMaxPieces];
    int64_t piece_count = 0, sources[kWideVectors];
    T* const c = OutputAt(item.image, item.group);
    if (way_ == Way::kRows) {
      for (int64_t j = 0; j < count; j++) {
        const RowVector& one = vectors_[grid.vector_first + v + j];
        sources[j] = one.source;
        pieces[piece_count++] = {j * kW, one.lanes, one.source, one.target};
      }
    } else {
      piece_count = FlatPieces(grid, v, count, sources, pieces);
    }
    task.load = k0 > 0;
    task.k = k1 - k0;
    task.b_at = b_at + grid.first + k0;
    bool beyond = false;
    for (int64_t j = 0; j < count; j++) {
      task.b[j] = image + sources[j];
      beyond = beyond || (in_place_ && sources[j] + grid.far + kW > image_size_);
    }
    if (beyond) {
      // Nothing lies behind the image: its last elements are copied, with zeros behind them.
      for (int64_t k = 0; k < task.k; k++) {
        for (int64_t j = 0; j < count; j++) {
          const int64_t from = sources[j] + task.b_at[k];
          for (int64_t lane = 0; lane < kW; lane++) {
            tail[k * width_ + j * kW + lane] = from + lane < image_size_ ? image[from + lane] : T(0);
          }
        }
      }
      for (int64_t j = 0; j < count; j++) task.b[j] = tail + j * kW;
      task.b_at = steps_;
    }
    MultiplyPanels(grid, item, &task, count, k0, 0, deal_.panels, c, pieces, piece_count);
  }

  // The pieces of `count` vectors that run through rows and the padding between them.
  int64_t FlatPieces(const Grid& grid, int64_t v, int64_t count, int64_t* sources, Piece* pieces) const {
    const int64_t in_plane = grid.flat_vectors / grid.size[0];
    int64_t found = 0;
    for (int64_t j = 0; j < count; j++) {
      const int64_t z = (v + j) / in_plane, q = (v + j) % in_plane * kW;
      sources[j] = z * grid.source_z + q;
      int64_t y = q / grid.source_y, x = q % grid.source_y;
      for (int64_t lane = 0; lane < kW && y < grid.size[1]; y++, x = 0) {
        const int64_t length = Min(kW - lane, grid.size[2] - x);
        if (length > 0) {
          pieces[found++] = {j * kW + lane, length, sources[j] + lane,
                             grid.start + z * grid.target[0] + y * grid.target[1] + x * grid.target[2]};
        }
        lane += grid.source_y - x;
      }
    }
    return found;
  }

  // ---- columns of several images side by side -----------------------------------------------------------------------

  void RunPacked() {
    int64_t positions = 1, depth = 1;
    for (int64_t i = 0; i < grid_count; i++) {
      positions = Max(positions, grids[i].Positions());
      depth = Max(depth, DivideUp(grids[i].k, Blocks(grids[i])));
    }
    const int64_t most = Max(kColumns, Min(kMaxColumns, kPackedBytes / (depth * kItem)) / kColumns * kColumns);
    const int64_t block = Min(images, Max(int64_t{1}, most / positions));
    const int64_t columns = Min(most, RoundUp(block * positions, kColumns));
    Scratch prepared(in_place_ ? 1 : (block * image_size_ + kSlack) * kItem);
    Scratch panels(columns * depth * kItem);
    for (int64_t n = 0; n < images; n += block) {
      const int64_t count = Min(block, images - n);
      const T* from = ImageAt(n, group_);
      image_step_ = groups * image_size_;
      if (!in_place_) {
        T* to = static_cast<T*>(prepared.data());
        ParallelFor(count, count >= Threads() ? 1 : count, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; i++) Prepare(to + i * image_size_, ImageAt(n + i, group_));
        });
        from = to;
        image_step_ = image_size_;
      }
      for (int64_t i = 0; i < grid_count; i++) {
        const int64_t total = count * grids[i].Positions();
        for (int64_t first = 0; first < total; first += columns) {
          MultiplyColumns(grids[i], n, from, first, Min(columns, total - first), static_cast<T*>(panels.data()));
        }
      }
    }
  }

  // Columns first … first + count of the images from n on, whose prepared forms begin at `from`.
  void MultiplyColumns(const Grid& grid, int64_t n, const T* from, int64_t first, int64_t count, T* packed) const {
    const int64_t panels = DivideUp(count, kColumns), blocks = Blocks(grid);
    for (int64_t block = 0; block < blocks; block++) {
      const int64_t k0 = grid.k * block / blocks, k = grid.k * (block + 1) / blocks - k0;
      ParallelFor(panels, Max(int64_t{1}, 8192 / (k * kTileRows + 1)), [&](int64_t begin, int64_t end) {
        for (int64_t panel = begin; panel < end; panel++) {
          const int64_t column = panel * kColumns;
          PackColumns(grid, from, first + column, Min(kColumns, count - column), k0, k, packed + column * k);
        }
      });
      // Tasks are groups of row panels by groups of column panels.
      const int64_t work = rows * count * Max(int64_t{1}, k);
      int64_t row_group = Max(int64_t{1}, Min(deal_.panels, kGroup / Max(int64_t{1}, kTileRows * k * kItem)));
      int64_t column_group = panels;
      if (work >= 2 * kTaskWork && Threads() > 1) {
        const int64_t wanted = Min(work / kTaskWork, static_cast<int64_t>(Threads()) * 6);
        while (row_group > 2 && DivideUp(deal_.panels, row_group) < wanted) row_group = DivideUp(row_group, 2);
        while (column_group > 1 && DivideUp(deal_.panels, row_group) * DivideUp(panels, column_group) < wanted) {
          column_group = DivideUp(column_group, 2);
        }
      }
      const int64_t row_groups = DivideUp(deal_.panels, row_group);
      const int64_t tasks = row_groups * DivideUp(panels, column_group);
      ParallelFor(tasks, work < 2 * kTaskWork ? tasks : 1, [&](int64_t begin, int64_t end) {
        for (int64_t index = begin; index < end; index++) {
          const int64_t row = index % row_groups * row_group, panel0 = index / row_groups * column_group;
          for (int64_t panel = panel0; panel < Min(panels, panel0 + column_group); panel++) {
            const int64_t column = panel * kColumns, width = Min(kColumns, count - column);
            ConvTile<T> task;
            task.load = k0 > 0;
            task.k = k;
            task.b_at = steps_;
            const int64_t vectors = DivideUp(width, kW);
            for (int64_t j = 0; j < vectors; j++) task.b[j] = packed + column * k + j * kW;
            Piece pieces[kMaxPieces];
            const int64_t found = ColumnPieces(grid, first + column, width, pieces);
            MultiplyPanels(grid, Item{n, group_, packed_a_}, &task, vectors, k0, row,
                           Min(deal_.panels, row + row_group), OutputAt(n, group_), pieces, found);
          }
        }
      });
    }
  }

  int64_t ColumnPieces(const Grid& grid, int64_t column, int64_t count, Piece* pieces) const {
    const int64_t image_out = groups * rows * out_size;
    int64_t x = column % grid.size[2], rest = column / grid.size[2];
    int64_t y = rest % grid.size[1], z = rest / grid.size[1] % grid.size[0], i = rest / grid.size[1] / grid.size[0];
    int64_t found = 0;
    for (int64_t at = 0; at < count;) {
      const int64_t length = Min(count - at, grid.size[2] - x);
      pieces[found++] = {at, length, i * image_step_ + z * grid.source_z + y * grid.source_y + x,
                         i * image_out + grid.start + z * grid.target[0] + y * grid.target[1] + x * grid.target[2]};
      at += length;
      x = 0;
      if (++y == grid.size[1]) {
        y = 0;
        if (++z == grid.size[0]) {
          z = 0;
          i++;
        }
      }
    }
    return found;
  }

  void PackColumns(const Grid& grid, const T* from, int64_t column, int64_t count, int64_t k0, int64_t k, T* to) const {
    Piece pieces[kMaxPieces];
    const int64_t found = ColumnPieces(grid, column, count, pieces);
    const int64_t* at = b_at + grid.first + k0;
    // A few rows at a time, so that they stay in the first-level cache until all their pieces are there.
    for (int64_t begin = 0; begin < k; begin += kPackRows) {
      const int64_t end = Min(k, begin + kPackRows);
      for (int64_t p = 0; p < found; p++) {
        const T* source = from + pieces[p].source;
        T* out = to + begin * kColumns + pieces[p].column;
        const int64_t length = pieces[p].length;
        if (length == kColumns) {
          for (int64_t i = begin; i < end; i++, out += kColumns) {
            for (int j = 0; j < kTileVectors; j++) StoreVector<T>(out + j * kW, Load(source + at[i] + j * kW));
          }
        } else if (length <= kW) {
          for (int64_t i = begin; i < end; i++, out += kColumns) {
            StorePart(out, LoadPart(source + at[i], length), length);
          }
        } else {
          for (int64_t i = begin; i < end; i++, out += kColumns) CopyLine(out, source + at[i], length);
        }
      }
    }
    for (int64_t i = 0; count < kColumns && i < k; i++) FillZeros(to + i * kColumns + count, kColumns - count);
  }

  // ---- tiles --------------------------------------------------------------------------------------------------------

  // All row panels of a group of them by one panel of columns, and where the results go.
  void MultiplyPanels(const Grid& grid, const Item& item, ConvTile<T>* task, int64_t vectors, int64_t k0, int64_t begin,
                      int64_t end, T* c, const Piece* pieces, int64_t piece_count) const {
    static constexpr ConvTileTable<T> tiles;
    const bool wide = vectors > kTileVectors;
    // Whether each vector lies in one piece: then it is stored from its register.
    bool whole = grid.target[2] == 1;
    for (int64_t j = 0, p = 0; whole && j < vectors; j++) {
      while (p < piece_count && pieces[p].column + pieces[p].length <= j * kW) p++;
      const Piece& piece = pieces[p];
      const int64_t stop = piece.column + piece.length;
      whole = p < piece_count && piece.column <= j * kW &&
              (stop >= (j + 1) * kW || p + 1 == piece_count || pieces[p + 1].column >= (j + 1) * kW);
      if (whole) {
        task->c[j] = c + piece.target + (j * kW - piece.column);
        task->lanes[j] = Min(kW, stop - j * kW);
      }
    }
    alignas(64) T tile[kTileRows * kWideVectors * kW];
    task->tile = whole ? nullptr : tile;
    for (int64_t j = vectors; wide && j < kWideVectors; j++) {
      task->b[j] = task->b[0];
      task->c[j] = task->c[0];
      task->lanes[j] = 0;
    }
    task->c_row = out_size;
    T* starts[kWideVectors];
    for (int64_t j = 0; whole && j < (wide ? kWideVectors : vectors); j++) starts[j] = task->c[j];
    const T* bias = operands.bias && k0 == 0 ? operands.bias + item.group * rows : nullptr;
    for (int64_t panel = begin; panel < end; panel++) {
      const int64_t first = deal_.First(panel), count = deal_.Rows(panel);
      task->bias = bias ? bias + first : nullptr;
      for (int64_t j = 0; whole && j < (wide ? kWideVectors : vectors); j++) task->c[j] = starts[j] + first * out_size;
      if (packs_a_) {
        task->a = item.weights + rows * grid.first + first * grid.k + k0 * count;
      } else {
        task->a = operands.a + item.group * a_group + first * a_row;
        task->a_at = a_at + grid.first + k0;
        task->a_row = a_row;
      }
      if (wide) {
        tiles.wide[count - 1](*task);
      } else {
        (packs_a_ ? tiles.packed : tiles.in_place)[count - 1][vectors - 1](*task);
      }
      if (!whole) {
        StorePieces(tile, (wide ? kWideVectors : vectors) * kW, count, c + first * out_size, pieces, piece_count,
                    grid.target[2], task->load);
      }
    }
  }

  __attribute__((noinline)) void StorePieces(const T* tile, int64_t width, int64_t count, T* c, const Piece* pieces,
                                             int64_t piece_count, int64_t step, bool load) const {
    for (int64_t p = 0; p < piece_count; p++) {
      const int64_t length = pieces[p].length;
      const T* from = tile + pieces[p].column;
      T* to = c + pieces[p].target;
      if (step != 1) {
        for (int64_t row = 0; row < count; row++, from += width, to += out_size) {
          for (int64_t i = 0; i < length; i++) to[i * step] = load ? to[i * step] + from[i] : from[i];
        }
        continue;
      }
      for (int64_t first = 0; first < length; first += kW, from += kW, to += kW) {
        const int64_t lanes = Min(kW, length - first);
        for (int64_t row = 0; row < count; row++) {
          const Vector<T> x = LoadPart(from + row * width, lanes);
          T* at = to + row * out_size;
          StorePart(at, load ? x + LoadPart(at, lanes) : x, lanes);
        }
      }
    }
  }

  Deal deal_{1};
  Way way_;
  bool in_place_, packs_a_;
  int64_t image_size_, image_step_, total_k_, width_, group_;
  T* packed_a_;
  RowVector* vectors_;
  int64_t* steps_;
};

}  // namespace
}  // namespace GB_ISA
}  // namespace gb
