/**
 * Shapes in the type system, gradually: a size that is known is a number literal, an unknown one is `number`, an unknown
 * shape is AnyShape. A wrong product is a type error before the cell runs; a missing type never gets in the way.
 */
import type { Shape } from './shape.js'

/**
 * The shape of a tensor about which nothing is known: fits wherever a certain shape is asked for, and the other way round.
 * Only `any` has that property, which makes it the one deliberate `any` of the public types.
 */
export type AnyShape = any

export type IsAny<T> = 0 extends 1 & T ? true : false

/** Whether sizes A and B may meet: equal, or one of them not known. */
type Fits<A, B> = number extends A ? true : number extends B ? true : A extends B ? true : false

type Last<S> = S extends readonly [...number[], infer L extends number] ? L : number
type SecondLast<S> = S extends readonly [...number[], infer L extends number, number] ? L : number
type Leading<S> = S extends readonly [...infer H extends number[], number] ? H : number[]

/** Sizes as they appear in a message of the type checker. */
export type Sizes<S> =
  IsAny<S> extends true
    ? '[?]'
    : S extends readonly []
      ? '[]'
      : S extends readonly [infer A extends number]
        ? `[${A}]`
        : S extends readonly [infer A extends number, infer B extends number]
          ? `[${A}, ${B}]`
          : S extends readonly [infer A extends number, infer B extends number, infer C extends number]
            ? `[${A}, ${B}, ${C}]`
            : S extends readonly [
                  infer A extends number,
                  infer B extends number,
                  infer C extends number,
                  infer D extends number,
                ]
              ? `[${A}, ${B}, ${C}, ${D}]`
              : '[…]'

/** `unknown` when A · B is possible as far as types know, else a message that no tensor satisfies. */
export type CanMatmul<A, B> =
  IsAny<A> extends true
    ? unknown
    : IsAny<B> extends true
      ? unknown
      : B extends readonly [infer K extends number]
        ? Fits<Last<A>, K> extends true
          ? unknown
          : `cannot multiply ${Sizes<A>} by ${Sizes<B>}: ${Last<A>} is not ${K}`
        : Fits<Last<A>, SecondLast<B>> extends true
          ? unknown
          : `cannot multiply ${Sizes<A>} by ${Sizes<B>}: ${Last<A>} is not ${SecondLast<B>}`

/** Shape of A · B where both are matrices or A has leading dimensions; otherwise not known. */
export type Matmul<A, B> =
  IsAny<A> extends true
    ? AnyShape
    : IsAny<B> extends true
      ? AnyShape
      : B extends readonly [number, infer N extends number]
        ? A extends readonly [number]
          ? [N]
          : A extends readonly [number, ...number[]]
            ? [...Leading<A>, N]
            : AnyShape
        : AnyShape

type BroadcastSize<A extends number, B extends number> = A extends 1 ? B : B extends 1 ? A : number extends A ? B : A

/** Shape of an elementwise operation; not known when both are longer than four dimensions or of unknown length. */
export type Broadcast<A, B> =
  IsAny<A> extends true
    ? AnyShape
    : IsAny<B> extends true
      ? AnyShape
      : A extends B
        ? A
        : B extends readonly []
          ? A
          : A extends readonly []
            ? B
            : A extends readonly [...infer HA extends number[], infer LA extends number]
              ? B extends readonly [...infer HB extends number[], infer LB extends number]
                ? Broadcast<HA, HB> extends infer H extends number[]
                  ? [...H, BroadcastSize<LA, LB>]
                  : AnyShape
                : AnyShape
              : AnyShape

type CanBroadcastSize<A, B> = A extends 1 ? true : B extends 1 ? true : Fits<A, B>

/** `unknown` when A and B broadcast as far as types know, else a message. Compares the last two dimensions. */
export type CanBroadcast<A, B> =
  IsAny<A> extends true
    ? unknown
    : IsAny<B> extends true
      ? unknown
      : A extends readonly []
        ? unknown
        : B extends readonly []
          ? unknown
          : CanBroadcastSize<Last<A>, Last<B>> extends true
            ? CanBroadcastSize<SecondLast<A>, SecondLast<B>> extends true
              ? unknown
              : `sizes ${Sizes<A>} and ${Sizes<B>} do not broadcast: ${SecondLast<A>} and ${SecondLast<B>}`
            : `sizes ${Sizes<A>} and ${Sizes<B>} do not broadcast: ${Last<A>} and ${Last<B>}`

/** The last two dimensions exchanged. */
export type Transposed<S> = S extends readonly [
  ...infer H extends number[],
  infer A extends number,
  infer B extends number,
]
  ? [...H, B, A]
  : AnyShape

/** Sizes from a view call with -1 made unknown. */
export type ViewSizes<S extends Shape> = { -readonly [K in keyof S]: S[K] extends -1 ? number : S[K] }
