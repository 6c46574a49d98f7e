// Finds what a package made for bundlers imports without the file's ending.
export async function resolve(name, context, next) {
	for (const ending of ["", ".js"])
		try {
			return await next(name + ending, context);
		} catch {} // the next one may
	return next(name + "/index.js", context);
}
