"""How much more memory a long recording takes than a short one: peaks of the whole job with annotated video.

    python benchmarks/memory.py [--short N] [--long N]

The sample clip of the demo is played N times over (half a minute each); every job has a process of its own. Exit code 1
when the bound is broken.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from speed import Row
from throughput import repeated

from formcheck.assets import find_model, find_sample
from formcheck.session import analyze


def peak_mb(n_times: int) -> float:
    """Peak of the resident memory in MB, measured in another process."""
    call = [sys.executable, __file__, "--only", str(n_times)]
    return float(subprocess.run(call, capture_output=True, text=True, check=True).stdout.split()[-1])


def own_peak_mb(n_times: int) -> float:
    """Does the job and returns this process's peak in MB (Linux counts in kB)."""
    with tempfile.TemporaryDirectory() as folder:
        video = repeated(find_sample(), Path(folder) / "long.mp4", n_times)
        analyze(video, "seated_cat_cow", folder, model=find_model())  # a model given: without the silhouette
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measures, prints the table, and returns 1 when the bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", type=int, default=2, help="one minute")
    parser.add_argument("--long", type=int, default=20, help="ten minutes")
    parser.add_argument("--only", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only:
        print(own_peak_mb(args.only))
        return 0
    short_mb, long_mb = peak_mb(args.short), peak_mb(args.long)
    rows = [
        Row("peak, short recording", short_mb, "MB"),
        Row("peak, long recording", long_mb, "MB"),
        Row("growth", 100.0 * (long_mb / short_mb - 1.0), "%", at_most=5.0),
    ]
    for row in rows:
        print(row)
    return 0 if all(row.is_kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
