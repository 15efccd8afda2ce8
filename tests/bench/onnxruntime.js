// onnxruntime.js MODEL SIDE BATCH THREADS SECONDS -- images a second of onnxruntime-node.
const ort = require('onnxruntime-node');

async function main([model, side, batch, threads, seconds]) {
	const session = await ort.InferenceSession.create(model, { intraOpNumThreads: +threads });
	const shape = [+batch, 3, +side, +side];
	const values = Float32Array.from({ length: batch * 3 * side * side }, (_, i) => Math.sin(i));
	const feed = { image: new ort.Tensor('float32', values, shape) };
	let images = 0;

	await session.run(feed);
	const start = performance.now();
	while (performance.now() - start < seconds * 1000) {
		await session.run(feed);
		images += +batch;
	}
	console.log(images / (performance.now() - start) * 1000);
}

main(process.argv.slice(2)).catch((e) => { console.error(e.message); process.exit(1); });
