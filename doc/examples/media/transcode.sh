#!/bin/bash
# The back of the media example: a handler of queue-worker. It gets the id of a
# video on its standard input, and makes of the file with that name in the store
# an MP4 of the height that is asked for. It knows of no queue and no database:
# exit status 0 says that the video is done, and the message is deleted.
#
#   MEDIA_STORE     folder with the files
#   MEDIA_PACE      if set, read no faster than one would watch
#
# It may be killed anywhere, and the same video may come twice, even at once: the
# result appears under its name when it is complete, and a second one is the same.
set -euo pipefail

# The body of a message need not end with a line end.
read -r id || true
if [[ ! $id =~ ^[0-9a-f-]{36}$ ]]; then
	echo 'this is no id of a video' >&2
	exit 1
fi
height=${SQS_ATTRIBUTE_Height:-180}
if [[ ! $height =~ ^[0-9]{1,4}$ ]]; then
	echo 'this is no height' >&2
	exit 1
fi

result=$MEDIA_STORE/done/$id.mp4
part=$MEDIA_STORE/parts/$id.$SQS_RECEIVE_COUNT.mp4

echo "begins $id, received $SQS_RECEIVE_COUNT" >&2
if [ ! -e "$result" ]; then
	# Strangers made the input: of the formats that ffmpeg reads, some name other
	# files, or addresses. And ffmpeg ends with us, where we are killed.
	setpriv --pdeathsig KILL ffmpeg -nostdin -hide_banner -v error -y -threads 1 \
		${MEDIA_PACE:+-re} -protocol_whitelist file \
		-format_whitelist matroska,webm,mov,mp4,avi,mpegts,mpeg,ogg,flv \
		-i "$MEDIA_STORE/incoming/$id" -map 0:v:0 -map '0:a:0?' \
		-vf "scale=-2:$height" -threads 1 -c:v libx264 -preset veryfast -pix_fmt yuv420p \
		-c:a aac -movflags +faststart "$part" </dev/null
	mv "$part" "$result"
fi

# What those have left that were killed over it.
rm -f "$MEDIA_STORE/parts/$id".*.mp4 "$MEDIA_STORE/incoming/$id"
echo "done $id" >&2
