// The limits of src/metainfo. Each is a named constant with its unit and the reason for its value.
export {};
