"""
Computes golden images with torchvision 0.28 (transforms for tensors): python test/golden/make_transforms.py

Each transform is seeded by 1 and applied to two images in turn: a seeded colour image in float32, and the same in bytes. Kept are
the shape, the sum, and some elements spread over the result.
"""

import json
from pathlib import Path

import torch
from torchvision import transforms as T
from torchvision.transforms import functional as F
from torchvision.transforms import v2
from torchvision.utils import make_grid

bilinear = T.InterpolationMode.BILINEAR

cases = {
    "resize": T.Resize((9, 7)),
    "resizeUp": T.Resize((20, 31)),
    "resizeShort": T.Resize(11),
    "resizeMax": T.Resize(11, max_size=13),
    "resizePlain": T.Resize((9, 7), antialias=False),
    "resizeNearest": T.Resize((9, 7), interpolation=T.InterpolationMode.NEAREST),
    "resizeCubic": T.Resize((9, 25), interpolation=T.InterpolationMode.BICUBIC),
    "centerCrop": T.CenterCrop((9, 6)),
    "centerCropLarge": T.CenterCrop((21, 6)),
    "pad": T.Pad((1, 2, 3, 0), fill=0.5),
    "padEdge": T.Pad(2, padding_mode="edge"),
    "padReflect": T.Pad((3, 1), padding_mode="reflect"),
    "padSymmetric": T.Pad((3, 1), padding_mode="symmetric"),
    "randomCrop": T.RandomCrop(8),
    "randomCropPadded": T.RandomCrop((16, 18), padding=2),
    "randomCropNeeded": T.RandomCrop((20, 21), pad_if_needed=True),
    "randomResizedCrop": T.RandomResizedCrop(10),
    "randomResizedCropWide": T.RandomResizedCrop((6, 12), scale=(0.5, 1.0), ratio=(1.5, 3.0)),
    "horizontalFlip": T.RandomHorizontalFlip(0.8),
    "verticalFlip": T.RandomVerticalFlip(0.8),
    "rotation": T.RandomRotation(40),
    "rotationBilinear": T.RandomRotation((10, 30), interpolation=bilinear, fill=0.25),
    "rotationExpand": T.RandomRotation(50, expand=True, center=(3, 4)),
    "affine": T.RandomAffine(20, translate=(0.2, 0.1), scale=(0.7, 1.3), shear=10),
    "affineBilinear": T.RandomAffine(0, shear=(-5, 5, -10, 10), interpolation=bilinear, center=(2, 5), fill=(0.1, 0.2, 0.3)),
    "perspective": T.RandomPerspective(0.6, p=0.9),
    "perspectiveNearest": T.RandomPerspective(0.3, p=1, interpolation=T.InterpolationMode.NEAREST, fill=0.5),
    "colorJitter": T.ColorJitter(0.4, 0.3, 0.5, 0.2),
    "colorJitterSome": T.ColorJitter(brightness=(0.5, 2), hue=0.5),
    "grayscale": T.Grayscale(),
    "grayscaleThree": T.Grayscale(3),
    "randomGrayscale": T.RandomGrayscale(0.6),
    "autocontrast": T.RandomAutocontrast(1),
    "invert": T.RandomInvert(0.9),
    "blur": T.GaussianBlur(5),
    "blurWide": T.GaussianBlur((3, 7), sigma=(0.5, 1.5)),
    "randomErasing": T.RandomErasing(0.9),
    "randomErasingNoise": T.RandomErasing(1, scale=(0.1, 0.2), value="random"),
    "randomErasingColor": T.RandomErasing(1, value=(0.1, 0.5, 0.9)),
    "randomApply": T.RandomApply([T.RandomHorizontalFlip(1), T.RandomCrop(9)], p=0.5),
    "randomChoice": v2.RandomChoice([T.RandomVerticalFlip(1), T.CenterCrop(8), T.RandomCrop(8)], p=[1, 2, 3]),
    "randomOrder": v2.RandomOrder([T.RandomRotation(30), T.RandomCrop(12), T.RandomVerticalFlip(0.5)]),
    "compose": T.Compose([T.RandomCrop(12, padding=1), T.RandomHorizontalFlip(), T.ColorJitter(0.2, 0.2)]),
}
floats = {
    "normalize": T.Normalize((0.4, 0.5, 0.6), (0.1, 0.2, 0.3)),
    "noise": v2.GaussianNoise(0.1, 0.3),
}
direct = {
    "rotate": lambda x: F.rotate(x, 30.0, interpolation=bilinear),
    "rotateExpand": lambda x: F.rotate(x, -70.0, expand=True, fill=[0.3]),
    "affine": lambda x: F.affine(x, 15.0, [1, -2], 1.2, [5.0, 3.0], interpolation=bilinear),
    "perspective": lambda x: F.perspective(
        x, [[0, 0], [16, 0], [16, 13], [0, 13]], [[2, 1], [15, 2], [14, 12], [1, 11]]
    ),
    "crop": lambda x: F.crop(x, -2, 3, 9, 20),
    "hue": lambda x: F.adjust_hue(x, -0.3),
    "contrast": lambda x: F.adjust_contrast(x, 1.7),
    "saturation": lambda x: F.adjust_saturation(x, 0.2),
}


def digest(x, every=11):
    flat = x.double().reshape(-1)
    kept = [float(f"{v:.7g}") for v in flat[::every].tolist()]
    return {"shape": list(x.shape), "sum": float(f"{flat.sum().item():.9g}"), "values": kept}


if __name__ == "__main__":
    torch.manual_seed(0)
    image = torch.rand(3, 14, 17)
    image[:, :4, :5] = 0.5  # gray, where hue and saturation have no meaning
    pixels = (image * 255).to(torch.uint8)
    golden = {"cases": {}, "direct": {}}
    for name, transform in (cases | floats).items():
        torch.manual_seed(1)
        inputs = [image] if name in floats else [image, pixels]
        golden["cases"][name] = [digest(transform(x)) for x in inputs] + [torch.rand(1).item()]
    for name, function in direct.items():
        golden["direct"][name] = [digest(function(x)) for x in (image, pixels)]
    batch = torch.stack([image, image.flip(-1), image * 2 - 0.3])
    golden["grids"] = [
        digest(make_grid(batch, nrow=2), 31),
        digest(make_grid(batch, nrow=2, padding=1, normalize=True, pad_value=0.5), 31),
        digest(make_grid(batch[:, :1], normalize=True, scale_each=True), 31),
        digest(make_grid(batch, normalize=True, value_range=(0, 0.5)), 31),
    ]
    Path(__file__).with_name("transforms.json").write_text(json.dumps(golden, separators=(",", ":")))
