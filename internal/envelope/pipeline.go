package envelope

import (
	"sync"
	"sync/atomic"
)

// batchChunks is a measured compromise: enough work that handing a batch over
// costs nothing beside it, little enough that it is still in a cache when the
// next stage takes it.
const batchChunks = 8

// maxWorkers bounds the memory of one Seal or OpenPayload.
const maxWorkers = 16

// pipeline moves a fixed set of batches around in a circle: the caller fills
// one, the stages work on it, the last one gives it back.
//
// # Why it always ends
//
// Every channel has room for all batches there are, so no send ever waits. A
// stage that fails keeps passing batches on without working on them, so whoever
// waits for a batch gets one. The caller closes the first channel in any case;
// each stage ends when its input is closed and drained, and then closes its
// output. So after close every goroutine ends as soon as the one Read, Write or
// computation it is in returns.
type pipeline struct {
	free    chan *batch
	all     []*batch
	head    chan *batch
	tail    chan *batch
	running sync.WaitGroup
	failure atomic.Pointer[error]
}

type stage func(*batch) error

// newPipeline makes room for as many batches as keep workers busy while the
// serial stages hold theirs. Their buffers are allocated when first needed.
func newPipeline(workers int) *pipeline {
	n := 2*workers + 4
	p := &pipeline{free: make(chan *batch, n)}
	for range n {
		b := &batch{ready: make(chan struct{}, 1)}
		p.all = append(p.all, b)
		p.free <- b
	}
	p.head = p.channel()
	p.tail = p.head
	return p
}

func (p *pipeline) channel() chan *batch { return make(chan *batch, cap(p.free)) }

// serial adds a stage that sees the batches one after the other.
func (p *pipeline) serial(s stage) {
	in, out := p.tail, p.channel()
	p.tail = out
	p.running.Go(func() {
		defer close(out)
		for b := range in {
			p.work(s, b)
			out <- b
		}
	})
}

// parallel adds a stage in which workers take a batch each; it hands them on in
// the order in which they came.
func (p *pipeline) parallel(workers int, s stage) {
	in, work, order, out := p.tail, p.channel(), p.channel(), p.channel()
	p.tail = out
	p.running.Go(func() {
		defer close(work)
		defer close(order)
		for b := range in {
			order <- b
			work <- b
		}
	})
	for range workers {
		p.running.Go(func() {
			for b := range work {
				p.work(s, b)
				b.ready <- struct{}{}
			}
		})
	}
	p.running.Go(func() {
		defer close(out)
		for b := range order {
			<-b.ready
			out <- b
		}
	})
}

// recycle adds the end of the circle.
func (p *pipeline) recycle() {
	in := p.tail
	p.running.Go(func() {
		for b := range in {
			p.free <- b
		}
	})
}

// feed fills batches and sends them round until one is the last, then ends the
// pipeline, also when fill fails or panics. It returns the first failure of
// all. fill is called by the caller's goroutine.
func (p *pipeline) feed(fill stage) error {
	p.circulate(fill)
	return p.err()
}

func (p *pipeline) circulate(fill stage) {
	defer p.close()
	for last := false; !last; {
		b := <-p.free
		if b.buf == nil {
			b.buf = make([]byte, batchChunks*sealedChunk)
		}
		if p.work(fill, b); p.err() != nil {
			return
		}
		last = b.last
		p.head <- b
	}
}

// work runs s unless something has failed. A failure is never taken back, so a
// batch that one stage has left alone is left alone by all stages after it: no
// plaintext gets past a seal stage that did not seal it.
func (p *pipeline) work(s stage, b *batch) {
	if p.err() != nil {
		return
	}
	if err := s(b); err != nil {
		p.failure.CompareAndSwap(nil, &err)
	}
}

// err is the first failure of a stage.
func (p *pipeline) err() error {
	if e := p.failure.Load(); e != nil {
		return *e
	}
	return nil
}

// close ends the pipeline: when it returns no goroutine is left, and no
// plaintext in the buffers.
func (p *pipeline) close() {
	close(p.head)
	p.running.Wait()
	for _, b := range p.all {
		clear(b.buf)
	}
}
