// SPDX-License-Identifier: Apache-2.0

export { canPictureInPicture, togglePictureInPicture } from '../media/picture-in-picture';
