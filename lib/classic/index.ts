/** The `classic` namespace: the models that deep networks grew out of, in scikit-learn's manner: `fit`, `predict`, `score`. */
export { AdaBoost, type AdaBoostOptions, type Stump } from './adaboost.js'
export { BoltzmannMachine, type BoltzmannMachineOptions } from './boltzmann.js'
export { LinearChainCRF, type CRFFitOptions, type Tags } from './crf.js'
export { Hebbian, type HebbianOptions } from './hebbian.js'
export { Hopfield, type HopfieldOptions, type Recalled, type RecallOptions } from './hopfield.js'
export { HopfieldTour, type HopfieldTourOptions, type Tour } from './hopfield-tour.js'
export { KMeans, type KMeansOptions } from './kmeans.js'
export { LogisticRegression, type LogisticRegressionOptions } from './logistic.js'
export { GaussianMixture, type GaussianMixtureOptions } from './mixture.js'
export { Perceptron, type PerceptronOptions } from './perceptron.js'
export { DeepBelief, RBM, type RBMOptions } from './rbm.js'
export { RBFNetwork, type RBFNetworkOptions } from './rbf-network.js'
export { SVM, type Kernel, type SVMOptions } from './svm.js'
export {
  loadDigits,
  loadIris,
  makeBlobs,
  makeCircles,
  makeMoons,
  makeSpirals,
  type BlobsOptions,
  type ToyData,
  type ToyOptions,
} from './toy.js'
export type { Labels, Rows } from './values.js'
