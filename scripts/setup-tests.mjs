export const setUpTests = async () => {};
