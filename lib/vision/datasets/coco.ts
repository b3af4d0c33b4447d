/** COCO: photographs of scenes, with captions or with outlined objects. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { assertPosition, Dataset } from '../../data/dataset.js'
import { portable, remember } from '../../data/portable.js'
import type { Tensor } from '../../tensor/tensor.js'
import { asFunction, type TransformLike } from '../transforms/transform.js'
import { loadRgb } from './folder.js'

/** One entry of COCO's annotations, with the fields of the file. */
export interface CocoAnnotation {
  readonly id: number
  readonly image_id: number
  /** x, y, width, height in pixels. */
  readonly bbox?: readonly [number, number, number, number]
  readonly category_id?: number
  readonly area?: number
  readonly iscrowd?: 0 | 1
  /** Polygons, or run lengths for crowds. */
  readonly segmentation?: unknown
  readonly caption?: string
}

/** A picture of COCO. */
export interface CocoImage {
  readonly id: number
  readonly file_name: string
  readonly height?: number
  readonly width?: number
}

/** A kind of object. */
export interface CocoCategory {
  readonly id: number
  readonly name: string
  readonly supercategory?: string
}

/** Settings of `CocoDetection` and `CocoCaptions`. */
export interface CocoOptions {
  /** Applied to images, float32 [3, H, W] in [0, 1]. */
  transform?: TransformLike
}

interface Contents {
  readonly images: readonly CocoImage[]
  readonly annotations: readonly CocoAnnotation[]
  readonly categories?: readonly CocoCategory[]
}

function readAnnotations(name: string, path: string): Contents {
  let contents: unknown
  try {
    contents = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`${name}: cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
  const isList = (key: string, fields: readonly string[]): boolean => {
    const list: unknown = Reflect.get(Object(contents) as object, key)
    return (
      Array.isArray(list) &&
      list.every((entry) => fields.every((field) => field in (Object(entry) as Record<string, unknown>)))
    )
  }
  if (!isList('images', ['id', 'file_name']) || !isList('annotations', ['id', 'image_id']))
    throw new Error(
      `${name}: ${basename(path)} needs lists 'images' (with id and file_name) and 'annotations' (with id and image_id); is it a file of COCO's instances or captions?`,
    )
  return contents as Contents
}

/** Pictures with what was noted about each. */
abstract class Coco<Target> extends Dataset<[Tensor, Target]> {
  readonly length: number
  /** Pictures in the order of their numbers. */
  readonly images: readonly CocoImage[]
  /** The kinds of objects. */
  readonly categories: readonly CocoCategory[]
  readonly #annotations: ReadonlyMap<number, readonly CocoAnnotation[]>
  readonly #transform: ((image: Tensor) => Tensor) | undefined

  constructor(
    readonly root: string,
    readonly annFile: string,
    options: CocoOptions = {},
  ) {
    super()
    const name = new.target.name
    const { images, annotations, categories = [] } = readAnnotations(name, annFile)
    this.images = [...images].sort((a, b) => a.id - b.id)
    this.categories = categories
    this.#annotations = grouped(annotations)
    this.#transform = options.transform && asFunction(name, options.transform)
    this.length = this.images.length
    remember(this, [root, annFile, options])
  }

  /** What a sample tells about its picture. */
  protected abstract target(annotations: readonly CocoAnnotation[]): Target

  /** The picture at a position, and what is known about it. */
  get(index: number): [Tensor, Target] {
    assertPosition(this.constructor.name, index, this.length)
    const { id, file_name } = this.images[index]
    const image = loadRgb(join(this.root, file_name))
    return [this.#transform ? this.#transform(image) : image, this.target(this.#annotations.get(id) ?? [])]
  }
}

function grouped(annotations: readonly CocoAnnotation[]): Map<number, CocoAnnotation[]> {
  const groups = new Map<number, CocoAnnotation[]>()
  for (const annotation of annotations) {
    const group = groups.get(annotation.image_id)
    if (group) group.push(annotation)
    else groups.set(annotation.image_id, [annotation])
  }
  return groups
}

/**
 * Photographs with their objects (torchvision.datasets.CocoDetection): a sample is [image, annotations], the image float32 [3, H,
 * W] in [0, 1], annotations as in instances_….json. Batches need a collate of your own, as numbers of objects differ. Lin et
 * al. 2014.
 */
export class CocoDetection extends Coco<readonly CocoAnnotation[]> {
  protected target(annotations: readonly CocoAnnotation[]): readonly CocoAnnotation[] {
    return annotations
  }
}

/** Photographs with their captions, some five each (torchvision.datasets.CocoCaptions): a sample is [image, captions]. Lin et al. 2014. */
export class CocoCaptions extends Coco<readonly string[]> {
  protected target(annotations: readonly CocoAnnotation[]): readonly string[] {
    return annotations.map(({ caption = '' }) => caption)
  }
}

for (const dataset of [CocoDetection, CocoCaptions]) portable(dataset, import.meta.url)
