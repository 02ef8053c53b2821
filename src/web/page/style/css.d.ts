/** The bundler takes styles from wherever they are imported. */
declare module "*.css";
