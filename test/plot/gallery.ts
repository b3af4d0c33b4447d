/** One of every display, for tests that look at them in a browser. */
import { classic, F, manualSeed, nn, plot, randn, summary, type Tensor } from '../../lib/index.js'
import { displayHook, type MimeBundle } from '../../lib/plot/mime.js'
import { hostile } from './support.js'

/** Paths of gradient descent with momentum down x² + 10 y². */
function descent(momentum: number, rate: number): number[][] {
  const path = [[-1.8, 0.9]]
  let [vx, vy] = [0, 0]
  for (let i = 0; i < 60; i++) {
    const [x, y] = path[i]
    ;[vx, vy] = [momentum * vx - rate * 2 * x, momentum * vy - rate * 20 * y]
    path.push([x + vx, y + vy])
  }
  return path
}

function board(): plot.Dashboard {
  const training = plot.dashboard({ epochs: 3, title: 'MNIST', metrics: ['loss', 'accuracy'] })
  for (let epoch = 0; epoch < 3; epoch++) {
    for (let i = 0; i < 50; i++) training.step({ loss: 2.3 / (1 + epoch + i / 50) })
    training.epoch({ accuracy: 0.9 + epoch / 40, valLoss: 2 / (1.2 + epoch), valAccuracy: 0.9 + epoch / 50 })
  }
  training.end()
  return training
}

/** Every display by name, as its MIME bundle. Shows live displays through the present sink. */
export function gallery(): Record<string, MimeBundle> {
  manualSeed(1)
  const bowl = (x: number, y: number): number => x ** 2 + 10 * y ** 2
  const region = { x: [-2, 2], y: [-1, 1] } as const
  const paths = { sgd: descent(0, 0.02), momentum: descent(0.8, 0.02) }
  const moons = classic.makeMoons(80, { noise: 0.15 })
  const blobs = classic.makeBlobs(90)
  const cnn = new nn.Sequential(
    new nn.Conv2d(1, 6, 5),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(864, 10),
  )
  const deep = new nn.Sequential(...Array.from({ length: 6 }, () => [new nn.Linear(32, 32), new nn.Sigmoid()]).flat())
  deep.forward(randn(100, 32)).sum().backward()
  const digits = Array.from({ length: 200 }, (_, i) => i % 10)
  const guesses = digits.map((d, i) => (i % 9 === 0 ? (d * 3 + 1) % 10 : d))
  const displays = {
    line: plot.line(
      { train: [3, 2, 1.5, 1.2], 'val & test': [3, 2.5, 2.2, 2.3] },
      {
        title: 'Loss',
        xlabel: 'epoch',
        ylabel: 'loss',
        errors: { train: [0.3, 0.2, 0.2, 0.1] },
        guides: [{ y: 1, label: 'goal' }],
        annotations: [{ x: 2, y: 2.2, text: 'it stops learning', offset: [20, -50] }],
      },
    ),
    logarithmic: plot.line([1, 0.1, 0.01, 1e-5], { yscale: 'log', guides: [{ y: 1e-3, label: 'enough' }] }),
    scatter: plot.scatter(blobs.x, { labels: blobs.y }),
    bars: plot.bar({ sgd: 0.91, adam: 0.97 }, { errors: { sgd: 0.02, adam: 0.01 }, ylabel: 'accuracy' }),
    histogram: plot.histogram({ a: randn(500), b: randn(500).add(2) }),
    heatmap: plot.heatmap(randn(8, 8), { colormap: 'diverging' }),
    contour: plot.contour(bowl, { ...region, paths, title: 'Down the valley' }),
    contourLog: plot.contour((x: Tensor, y: Tensor) => y.sub(x.pow(2)).pow(2).mul(100).add(x.sub(1).pow(2)), {
      log: true,
      x: [-2, 2],
      y: [-1, 3],
    }),
    surface: plot.surface(bowl, { ...region, paths, title: 'A landscape', zlabel: 'loss' }),
    race: plot.race(bowl, paths, { ...region, title: 'A race' }),
    animation: plot.animate(5, (i) => plot.line([0, 1], [i, 5 - i]), { prefix: 'epoch ' }),
    curve: plot.curve({ sigmoid: F.sigmoid, tanh: F.tanh }, [-6, 6], { derivative: true, title: 'Soft steps' }),
    boundary: plot.decisionBoundary(new classic.SVM({ C: 10 }).fit(moons.x, moons.y), moons.x, moons.y),
    regions: plot.decisionBoundary(new nn.Linear(2, 3), blobs.x, blobs.y, { labels: ['one', 'two', 'three'] }),
    confusion: plot.confusionMatrix(digits, guesses),
    confusionNames: plot.confusionMatrix([0, 1, 2, 1], [0, 1, 2, 2], {
      labels: ['setosa', 'versicolor', 'virginica'],
      normalize: 'true',
    }),
    images: plot.images(randn(10, 1, 8, 8), { labels: digits.slice(0, 10), predictions: guesses.slice(0, 10) }),
    filters: plot.filters(cnn[0] as nn.Conv2d, { title: 'Kernels' }),
    activations: plot.activations(deep, randn(100, 32)),
    gradients: plot.gradients(deep, { filter: /weight/ }),
    network: plot.network(new nn.Sequential(new nn.Linear(20, 5), new nn.Tanh(), new nn.Linear(5, 2)), {
      title: 'A net',
    }),
    boxes: plot.network(cnn, { inputShape: [1, 1, 28, 28], title: 'A convolutional net' }),
    neuron: plot.neuron({
      inputs: [1, 0],
      weights: [0.5, -0.8],
      bias: 0.1,
      activation: F.sigmoid,
      activationName: 'σ',
    }),
    timeline: plot.timeline(
      [
        { year: 1943, label: 'M-P neuron', text: 'McCulloch & Pitts', group: 'models' },
        { year: 1949, label: 'Hebbian learning', group: 'models' },
        { year: 1969, label: 'XOR wall', group: 'criticism' },
        { year: 2006, label: 'Deep belief nets', group: 'models' },
      ],
      { title: 'A history' },
    ),
    panels: plot.grid([plot.line([1, 2]), plot.bar([1, 2]), plot.contour(bowl), plot.surface(bowl)], { title: 'Four' }),
    hostile: plot.line(
      { [hostile[0]]: [1, 2], [hostile[1]]: [2, 1] },
      {
        title: hostile[6],
        xlabel: hostile[1],
        ylabel: hostile[2],
        annotations: [{ x: 0.5, y: 1.5, text: hostile[4] }],
        guides: [{ x: 0.5, label: hostile[3] }],
      },
    ),
    dashboard: board(),
    summary: summary(cnn, [1, 1, 28, 28]),
    tensor: randn(4, 6),
    module: cnn,
  }
  return Object.fromEntries(
    Object.entries(displays).map(([name, value]) => [name, (value as { [displayHook](): MimeBundle })[displayHook]()]),
  )
}
