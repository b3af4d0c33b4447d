/** Borders and changes of size. */
import { nn } from '../../../lib/index.js'
import type { ModuleCase } from './case.js'

const sequence = [2, 3, 4]
const image = [1, 2, 3, 4]
const volume = [1, 2, 3, 2, 3]

const one = (torch: string, ours: () => nn.Module, shape: number[]): ModuleCase => ({
  torch: `torch.nn.${torch}`,
  ours,
  inputs: [{ shape }],
})

export const spatial: ModuleCase[] = [
  one('ConstantPad1d(2, 1.5)', () => new nn.ConstantPad1d(2, 1.5), sequence),
  one('ConstantPad2d((1, 0, 2, -1), 1)', () => new nn.ConstantPad2d([1, 0, 2, -1], 1), image),
  one('ConstantPad3d(1, -1)', () => new nn.ConstantPad3d(1, -1), volume),
  one('ZeroPad1d((0, 2))', () => new nn.ZeroPad1d([0, 2]), sequence),
  one('ZeroPad2d(1)', () => new nn.ZeroPad2d(1), image),
  one('ZeroPad3d((1, 0, 0, 1, 2, 0))', () => new nn.ZeroPad3d([1, 0, 0, 1, 2, 0]), volume),
  one('ReflectionPad1d(2)', () => new nn.ReflectionPad1d(2), sequence),
  one('ReflectionPad2d((1, 3, 2, 0))', () => new nn.ReflectionPad2d([1, 3, 2, 0]), image),
  one('ReflectionPad3d(1)', () => new nn.ReflectionPad3d(1), volume),
  one('ReplicationPad1d(5)', () => new nn.ReplicationPad1d(5), sequence),
  one('ReplicationPad2d((1, 3, 2, 0))', () => new nn.ReplicationPad2d([1, 3, 2, 0]), image),
  one('ReplicationPad3d(1)', () => new nn.ReplicationPad3d(1), volume),
  one('CircularPad1d(4)', () => new nn.CircularPad1d(4), sequence),
  one('CircularPad2d((1, 3, 2, 0))', () => new nn.CircularPad2d([1, 3, 2, 0]), image),
  one('CircularPad3d(1)', () => new nn.CircularPad3d(1), volume),
  one('Upsample(scale_factor=2)', () => new nn.Upsample({ scaleFactor: 2 }), image),
  one('Upsample(size=5, mode="linear")', () => new nn.Upsample({ size: 5, mode: 'linear' }), sequence),
  one(
    'Upsample(size=(4, 2), mode="bicubic", align_corners=True)',
    () => new nn.Upsample({ size: [4, 2], mode: 'bicubic', alignCorners: true }),
    image,
  ),
  one(
    'Upsample(scale_factor=1.7, mode="trilinear", recompute_scale_factor=True)',
    () => new nn.Upsample({ scaleFactor: 1.7, mode: 'trilinear', recomputeScaleFactor: true }),
    volume,
  ),
  one('UpsamplingNearest2d(size=(5, 6))', () => new nn.UpsamplingNearest2d({ size: [5, 6] }), image),
  one('UpsamplingBilinear2d(scale_factor=2)', () => new nn.UpsamplingBilinear2d({ scaleFactor: 2 }), image),
  one('PixelShuffle(2)', () => new nn.PixelShuffle(2), [1, 4, 2, 3]),
  one('PixelUnshuffle(2)', () => new nn.PixelUnshuffle(2), [1, 1, 4, 2]),
  one('ChannelShuffle(3)', () => new nn.ChannelShuffle(3), [2, 6, 1, 2]),
  one('Unflatten(1, (2, 3))', () => new nn.Unflatten(1, [2, 3]), [2, 6, 2]),
  one('Unfold(2)', () => new nn.Unfold(2), image),
  one(
    'Unfold((2, 3), dilation=(1, 2), padding=(1, 2), stride=2)',
    () => new nn.Unfold([2, 3], { dilation: [1, 2], padding: [1, 2], stride: 2 }),
    image,
  ),
  one(
    'Fold((3, 4), (2, 2), padding=1, stride=(2, 1))',
    () => new nn.Fold([3, 4], [2, 2], { padding: 1, stride: [2, 1] }),
    [1, 8, 10],
  ),
]
