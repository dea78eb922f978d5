export { ALL_FLAVOURS, type Flavour as AnyFlavour } from "../flavours.ts";
