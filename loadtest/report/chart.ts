/** Width and height of every drawing; it is stretched to its box, only text stays outside. */
export const chartWidth = 1000
export const chartHeight = 100

/** One value at a share (0 to 1) of the x axis. */
export interface ChartPoint {
  readonly x: number
  readonly value: number | null
}

/** Places a value: 0 is the top of the drawing, 100 the bottom. Values outside are clamped. */
export type Scale = (value: number) => number

/** From zero at the bottom to `max` at the top. */
export function linearScale(max: number): Scale {
  return (value) => round(chartHeight * (1 - clamp(value / max)))
}

/** Equal steps for equal factors, from `min` at the bottom to `max` at the top. */
export function logScale(min: number, max: number): Scale {
  return (value) => round(chartHeight * (1 - clamp(Math.log(value / min) / Math.log(max / min))))
}

/** The smallest of 1, 2, 2.5, 5 times a power of ten that is at least `value`. */
export function niceCeiling(value: number): number {
  if (value <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power
}

/** A line as SVG path data; it is interrupted where there is no value. */
export function linePath(points: readonly ChartPoint[], scale: Scale): string {
  let isDrawing = false
  let path = ''
  for (const { x, value } of points) {
    if (value !== null) path += `${isDrawing ? 'L' : 'M'}${round(x * chartWidth)} ${scale(value)}`
    isDrawing = value !== null
  }
  return path
}

/** Steps of the columns between `low` and `high`, one column a point, as one closed shape. */
export function columnsPath(
  columns: readonly { readonly fromX: number; readonly toX: number; low: number; high: number }[],
  scale: Scale,
): string {
  return columns
    .filter(({ low, high }) => high > low)
    .map(({ fromX, toX, low, high }) => {
      const [left, right] = [round(fromX * chartWidth), round(toX * chartWidth)]
      return `M${left} ${scale(low)}V${scale(high)}H${right}V${scale(low)}Z`
    })
    .join('')
}

function clamp(share: number): number {
  return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
