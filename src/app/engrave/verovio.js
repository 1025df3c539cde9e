// Verovio's page for page by Node; argv: score, folder.
const fs = require('fs');
const score = fs.readFileSync(process.argv[1], 'utf8');
const write = (toolkit) => {
  toolkit.setOptions({ pageWidth: 2100, pageHeight: 2970, scale: 40, footer: 'none' });
  if (!toolkit.loadData(score)) throw new Error('Verovio could not read the score');
  for (let page = 1; page <= toolkit.getPageCount(); ++page)
    fs.writeFileSync(process.argv[2] + '/page-' + page + '.svg', toolkit.renderToSVG(page));
};
(async () => {
  try {
    const { default: createModule } = await import(require.resolve('verovio/wasm'));
    const { VerovioToolkit } = await import(require.resolve('verovio/esm'));
    write(new VerovioToolkit(await createModule()));
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
    const verovio = require('verovio');
    verovio.module.onRuntimeInitialized = () => write(new verovio.toolkit());
  }
})().catch((error) => { console.error(String(error)); process.exit(1); });
