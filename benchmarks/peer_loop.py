"""The usual public loop, to compare with: read, legacy pose, drawing utilities, putText, VideoWriter.

Runs in an environment of its own, with the last mediapipe that had the legacy solutions:

    python3.11 -m venv peer && peer/bin/pip install mediapipe==0.10.21
    peer/bin/python benchmarks/peer_loop.py VIDEO

Prints frames per second of the loop alone, without starting Python and the network. `throughput.py` calls it.
"""

import sys
import tempfile
from pathlib import Path
from time import perf_counter

import cv2
import mediapipe


def run(video: str, output: str) -> float:
    """Frames per second of one pass over a video."""
    pose_of, drawing = mediapipe.solutions.pose, mediapipe.solutions.drawing_utils
    capture = cv2.VideoCapture(video)
    size_wh = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    writer = cv2.VideoWriter(output, cv2.VideoWriter_fourcc(*"mp4v"), capture.get(cv2.CAP_PROP_FPS), size_wh)
    count = n_frames = 0
    with pose_of.Pose(min_detection_confidence=0.5, min_tracking_confidence=0.5) as network:
        start_s = perf_counter()
        while True:
            is_frame, image = capture.read()
            if not is_frame:
                break
            result = network.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
            if result.pose_landmarks:
                drawing.draw_landmarks(image, result.pose_landmarks, pose_of.POSE_CONNECTIONS)
                count += result.pose_landmarks.landmark[0].y < 0.3
            cv2.putText(image, f"count {count}", (10, 40), cv2.FONT_HERSHEY_SIMPLEX, 1, (255, 255, 255), 2)
            writer.write(image)
            n_frames += 1
        took_s = perf_counter() - start_s
    capture.release()
    writer.release()
    return n_frames / took_s


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(run(sys.argv[1], str(Path(folder) / "out.mp4")))
